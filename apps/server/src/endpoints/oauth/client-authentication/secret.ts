import { checkClientSecret } from '../../../records/clients/index.ts'
import { oauthErrors } from '../errors.ts'
import type { Proving, Refusal } from './method.ts'

export async function refuseSecret({ db, vault, issuer, client, presented }: Proving): Promise<Refusal | undefined> {
  const { secret } = presented
  const isRight = secret !== undefined && (await checkClientSecret(db, vault, issuer.org.id, client.id, secret))
  return isRight ? undefined : oauthErrors.client_secret_incorrect
}
