import type { Reader } from '../../../platform/database/index.ts'
import type { Vault } from '../../../platform/vault.ts'
import type { Client, ClientAuthenticationMethod } from '../../../records/clients/index.ts'
import type { OrgId } from '../../../records/orgs/index.ts'

/** Where a request says who its client is. */
export type ClientRequest = {
  authorization: string | undefined
  /** The form, each parameter once. */
  values: Readonly<Record<string, string>>
}

export type Presented = { clientId: string; secret?: string }

export type Proving = { db: Reader; vault: Vault; org: OrgId; client: Client; presented: Presented }

/** One way for a client to say who it is and to prove it (RFC 6749 §2.3). */
export type AuthenticationMethod = {
  name: ClientAuthenticationMethod
  /** What the request presents in this way; undefined where it does not use it. */
  find(request: ClientRequest): Presented | undefined
  /** Tells whether what was presented proves the client. */
  isProven(proving: Proving): Promise<boolean>
}
