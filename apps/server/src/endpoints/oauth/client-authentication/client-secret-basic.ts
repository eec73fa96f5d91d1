import { parseBasic } from './basic-header.ts'
import type { AuthenticationMethod } from './method.ts'
import { refuseSecret } from './secret.ts'

/** The secret in the `Authorization` header. */
export const clientSecretBasic: AuthenticationMethod = {
  name: 'client_secret_basic',
  find({ authorization }) {
    if (authorization === undefined) return undefined
    const presented = parseBasic(authorization)
    return presented.secret === undefined ? undefined : presented
  },
  refuse: refuseSecret,
}
