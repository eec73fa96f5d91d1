import type { Credential } from '@latchkey/webauthn'
import type { UserId } from '../users/index.ts'
import { errors } from './errors.ts'

/** A passkey as it is kept: what verification needs, and what its owner is shown. */
export type StoredCredential = Credential & {
  readonly userId: UserId
  /** The owner's word for it. */
  readonly name: string
  /** Made without asking, after a sign-in with a password (WebAuthn "conditional create"). */
  readonly createdAutomatically: boolean
  readonly createdAt: number
  readonly lastUsedAt: number | null
  readonly lastUsedUserAgent: string | null
}

/** How many passkeys a user may have for one RP ID where the org says nothing. */
export const defaultPasskeyLimit = 20

const longestName = 100

/** Tidies a name that a person typed: one line, no surrounding space, and something to see. */
export function normalisePasskeyName(text: string): string {
  // Control, format and surrogate characters could hide or reorder what a page shows beside the name.
  const name = text
    .normalize('NFC')
    .replace(/[\p{C}\s]+/gu, ' ')
    .trim()
  if (name === '' || name.length > longestName) throw errors.passkey_name_invalid()
  return name
}
