import { checkClientSecret } from '../../../records/clients/index.ts'
import { oauthErrors } from '../errors.ts'
import type { Proving } from './method.ts'

/** @throws {LatchkeyError} `client_secret_incorrect` */
export async function proveSecret({ db, vault, org, client, presented }: Proving): Promise<void> {
  const { secret } = presented
  if (secret === undefined || !(await checkClientSecret(db, vault, org, client.id, secret)))
    throw oauthErrors.client_secret_incorrect()
}
