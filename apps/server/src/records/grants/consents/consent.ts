import type { ServerId } from '../../authorization-servers/index.ts'
import type { ClientId } from '../../clients/index.ts'
import type { UserId } from '../../users/index.ts'

/** What a person has allowed a client to ask an authorization server for. */
export type Consent = {
  readonly userId: UserId
  readonly clientId: ClientId
  readonly serverId: ServerId
  readonly scopes: readonly string[]
  readonly createdAt: number
  readonly updatedAt: number
}
