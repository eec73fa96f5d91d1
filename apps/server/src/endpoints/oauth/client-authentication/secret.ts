import { checkClientSecret } from '../../../records/clients/index.ts'
import type { Proving } from './method.ts'

export async function isSecretProven({ db, vault, org, client, presented }: Proving): Promise<boolean> {
  const { secret } = presented
  return secret !== undefined && (await checkClientSecret(db, vault, org, client.id, secret))
}
