import { oauthErrors } from '../errors.ts'
import type { AuthenticationMethod } from './method.ts'
import { refuseSecret } from './secret.ts'

/** The secret in the form. */
export const clientSecretPost: AuthenticationMethod = {
  name: 'client_secret_post',
  find({ values: { client_id: clientId, client_secret: secret } }) {
    if (secret === undefined) return undefined
    if (clientId === undefined) throw oauthErrors.credentials_missing()
    return { clientId, secret }
  },
  refuse: refuseSecret,
}
