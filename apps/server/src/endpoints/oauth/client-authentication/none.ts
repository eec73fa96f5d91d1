import { parseBasic } from './basic-header.ts'
import type { AuthenticationMethod } from './method.ts'

/** A public client: it names itself, and PKCE or a refresh token that rotates protects what it asks for. */
export const none: AuthenticationMethod = {
  name: 'none',
  find({ authorization, values }) {
    if (authorization === undefined) {
      const isBare = values.client_secret === undefined && values.client_assertion === undefined
      const clientId = isBare ? values.client_id : undefined
      return clientId === undefined ? undefined : { clientId }
    }
    const presented = parseBasic(authorization)
    return presented.secret === undefined ? presented : undefined
  },
  refuse: async () => undefined,
}
