import type { FastifyReply, FastifyRequest } from 'fastify'
import { createClient } from '../../../directory/index.ts'
import { day } from '../../../platform/clock.ts'
import { inTransaction } from '../../../platform/database/index.ts'
import { contextOf } from '../../../platform/http/index.ts'
import { newSecret } from '../../../platform/ids.ts'
import { saveToken } from '../../../records/tokens/index.ts'
import type { OAuthDeps } from '../house.ts'
import { findCaller, operatorOnly } from './caller.ts'
import { describeClient } from './describe.ts'
import { parseRegistration } from './metadata.ts'

/** Longer than any client is used; the token ends with its client. */
const registrationLifetimeMs = 3650 * day

/** Registers a client (RFC 7591 §3). Whoever may do so was given a token for it: there is no open registration. */
export async function registerClient(deps: OAuthDeps, request: FastifyRequest, reply: FastifyReply) {
  const { db, vault, now } = deps
  const { org } = request
  const { by } = operatorOnly(await findCaller(deps, request, 'okta.apps.manage'))
  const input = parseRegistration(request.body)
  const at = now()
  const secret = input.tokenEndpointAuthMethod.startsWith('client_secret') ? newSecret() : undefined
  const token = newSecret()
  const client = await inTransaction(db, async (tx) => {
    const change = { org: org.id, at, by, vault, context: contextOf(request) }
    const created = await createClient(tx, change, { ...input, ...(secret !== undefined && { secrets: [secret] }) })
    const kept = { kind: 'registration', value: token, clientId: created.id, details: {} } as const
    await saveToken(tx, org.id, { ...kept, expiresAt: at + registrationLifetimeMs }, at)
    return created
  })
  return await reply
    .status(201)
    .headers({ 'cache-control': 'no-store', pragma: 'no-cache' })
    .send({
      ...describeClient(client, org.url),
      ...(secret !== undefined && { client_secret: secret }),
      registration_access_token: token,
    })
}
