import type { ServerId } from '../records/authorization-servers/index.ts'
import type { ClientId } from '../records/clients/index.ts'
import type { Assurance } from '../records/sessions/index.ts'

/**
 * What is asked of a sign-in, in no protocol's words: who asks, how fresh and how strong the proof has to be,
 * and where the browser goes when it is over.
 */
export type SignInRequest = {
  /** Who asked; absent when people sign in to Latchkey itself (their account page, the administrator's setup). */
  client?: { id: ClientId; name: string; serverId: ServerId; isTrusted: boolean }
  /** Scopes that the client asked for, already checked against the authorization server. */
  scopes: readonly string[]
  /** Prefills the identifier. */
  loginHint?: string
  /** Only this user will do: set when the account page or an `id_token_hint` names one. */
  onlyUserId?: string
  /** Proof must be younger than this: `max_age`, or recent authentication for a delicate action. */
  maxAgeMs?: number
  /** One of these is enough, and less is not, besides what the policies ask: a client's step-up. */
  requiredAssurance?: readonly Assurance[]
  /** Signs in anew although a session lives (`prompt=login`). */
  isFreshRequired?: boolean
  /** Asks for consent although it was given (`prompt=consent`). */
  isConsentRequired?: boolean
  /** Opens at sign-up (`prompt=create`). */
  startsAtSignUp?: boolean
  /** Makes the new user an administrator: only the setup page asks this. */
  grantsRole?: 'admin'
  /** The origin that the end of the sign-in redirects to; named in the page's form-action. */
  redirectOrigin?: string
  /** A path of ours that goes on when the sign-in is over; it gets `?stateToken=<handle>`. */
  returnTo: string
  /** What the asking endpoint needs to go on; opaque here. */
  continuation: Readonly<Record<string, unknown>>
}
