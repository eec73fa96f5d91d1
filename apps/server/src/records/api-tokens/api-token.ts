import type { Brand } from '../../platform/brand.ts'
import type { UserId } from '../users/index.ts'

export type ApiTokenId = Brand<string, 'ApiTokenId'>

export type ApiToken = {
  readonly id: ApiTokenId
  readonly name: string
  /** In whose name it calls, with that user's roles; null for a token of the operator's, which may do everything. */
  readonly userId: UserId | null
  readonly createdAt: number
  readonly lastUsedAt: number | null
  readonly expiresAt: number | null
}
