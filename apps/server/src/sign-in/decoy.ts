import type { Vault } from '../platform/vault.ts'
import { normaliseTyped } from '../records/users/index.ts'

/**
 * Makes up the passkey of someone who has none here, so that the options do not tell who has an account.
 *
 * Derived from the identifier by a key: asked again, the answer is the same, as it would be for a real one.
 */
export function decoyCredentials(vault: Vault, directoryId: string, identifier: string) {
  const seed = vault.digest('decoy', `${directoryId}\0${normaliseTyped(identifier)}`)
  const bytes = Buffer.from(seed, 'base64url')
  // Today's synced passkeys have ids of 16, 20 or 32 bytes.
  const length = [16, 20, 32][(bytes[31] ?? 0) % 3]
  return [{ id: bytes.subarray(0, length).toString('base64url'), transports: ['hybrid', 'internal'] }]
}
