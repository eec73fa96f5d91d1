import { isEqualSecret, type Vault } from '../../platform/vault.ts'
import type { OrgId } from '../orgs/index.ts'
import type { ClientId } from './client.ts'
import { errors } from './errors.ts'

/** Two, so that a secret can be changed without a moment in which the client has none that works. */
const mostSecrets = 2

/** Encrypts secrets for keeping; a ciphertext cannot serve another client or org. */
export function sealSecrets(vault: Vault, org: OrgId, id: ClientId, secrets: readonly string[]): string[] {
  if (secrets.length > mostSecrets) {
    throw errors.invalid_client_metadata({
      message: `client_secret: a client has at most ${mostSecrets} secrets.`,
      details: { member: 'client_secret' },
    })
  }
  return secrets.map((secret) => vault.encrypt(purposeOf(org, id), Buffer.from(secret)))
}

export function openSecrets(vault: Vault, org: OrgId, id: ClientId, sealed: readonly string[]): string[] {
  return sealed.map((ciphertext) => vault.decrypt(purposeOf(org, id), ciphertext).toString())
}

/** Tells whether these are the secrets that are kept; ciphertexts differ each time, so they are opened. */
export function isSameSecrets(
  vault: Vault,
  org: OrgId,
  id: ClientId,
  sealed: readonly string[],
  secrets: readonly string[],
): boolean {
  if (sealed.length !== secrets.length) return false
  const known = openSecrets(vault, org, id, sealed)
  return known.every((secret, index) => isEqualSecret(secret, secrets[index] ?? ''))
}

/** Encrypts anew what an older secret key has encrypted; undefined where there is nothing of it. */
export function renewSecrets(
  vault: Vault,
  org: OrgId,
  id: ClientId,
  sealed: readonly string[],
): readonly string[] | undefined {
  const renewed = sealed.map((ciphertext) => vault.renew(purposeOf(org, id), ciphertext))
  return renewed.some((one) => one !== undefined) ? sealed.map((old, index) => renewed[index] ?? old) : undefined
}

function purposeOf(org: OrgId, id: ClientId): string {
  return `client-secret:${org}:${id}`
}
