import type { FastifyInstance } from 'fastify'
import { auditing } from '../callers.ts'
import type { OAuthDeps } from '../house.ts'
import { registrationPath } from '../issuers.ts'
import { jsonOnly } from '../parameters.ts'
import { changeClient, dropClient, renewSecret } from './change.ts'
import { listRegistrations, readRegistration } from './read.ts'
import { registerClient } from './register.ts'

const config = { audience: 'oauth', refusal: 'client-registration.refused' } as const

/** Clients, registered and kept by programs: RFC 7591 and 7592, and Okta's list of them. */
export function mountRegistration(app: FastifyInstance, deps: OAuthDeps): void {
  const one = `${registrationPath}/:clientId`
  app.post(registrationPath, { config, onRequest: jsonOnly }, auditing(deps, registerClient))
  app.get(registrationPath, { config }, auditing(deps, listRegistrations))
  app.get(one, { config }, auditing(deps, readRegistration))
  app.put(one, { config, onRequest: jsonOnly }, auditing(deps, changeClient))
  app.delete(one, { config }, auditing(deps, dropClient))
  app.post(`${one}/lifecycle/newSecret`, { config }, auditing(deps, renewSecret))
}
