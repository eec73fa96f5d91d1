import type { ForeignJwt, Issuer } from '../../../authorization/index.ts'
import type { ErrorOptions, LatchkeyError } from '../../../platform/errors.ts'
import type { Client, ClientAuthenticationMethod } from '../../../records/clients/index.ts'
import type { OAuthDeps } from '../house.ts'

/** Where a request says who its client is. */
export type ClientRequest = {
  authorization: string | undefined
  /** The form, each parameter once. */
  values: Readonly<Record<string, string>>
  /** The endpoint that is asked, by the last part of its address: an assertion may be made for it. */
  endpoint: string
}

export type Presented = { clientId: string; secret?: string; assertion?: ForeignJwt }

export type Proving = Pick<OAuthDeps, 'db' | 'vault' | 'now' | 'clientKeys'> & {
  issuer: Issuer
  endpoint: string
  client: Client
  presented: Presented
}

/** Makes the error that says why a proof does not count. */
export type Refusal = (options?: ErrorOptions) => LatchkeyError

/** One way for a client to say who it is and to prove it (RFC 6749 §2.3). */
export type AuthenticationMethod = {
  name: ClientAuthenticationMethod
  /** What the request presents in this way; undefined where it does not use it. */
  find(request: ClientRequest): Presented | undefined
  /** Tells why what was presented does not prove the client; nothing where it does. */
  refuse(proving: Proving): Promise<Refusal | undefined>
}
