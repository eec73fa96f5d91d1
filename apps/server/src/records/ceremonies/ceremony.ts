import type { Ceremony } from '@latchkey/webauthn'
import type { Brand } from '../../platform/brand.ts'
import type { UserId } from '../users/index.ts'

export type CeremonyId = Brand<string, 'CeremonyId'>

export type CeremonyPurpose = 'authentication' | 'registration'

/** A request as it was sent, and to whom: verification reads this, never the org's settings of the moment. */
export type StoredCeremony = Ceremony & {
  readonly id: CeremonyId
  readonly purpose: CeremonyPurpose
  /** What the answer must come through as well: the id of a transaction, of a session. */
  readonly boundTo: string
  /** Whose ceremony it is; null where the passkey itself will tell. */
  readonly userId: UserId | null
  readonly createdAt: number
  readonly expiresAt: number
}
