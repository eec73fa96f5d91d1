import type { FastifyReply, FastifyRequest } from 'fastify'
import { removeClient, setClientStatus, updateClient } from '../../../directory/index.ts'
import { inTransaction } from '../../../platform/database/index.ts'
import { contextOf } from '../../../platform/http/index.ts'
import { newSecret } from '../../../platform/ids.ts'
import { checkClientSecret, loadClientSecrets } from '../../../records/clients/index.ts'
import { oauthErrors } from '../errors.ts'
import type { OAuthDeps } from '../house.ts'
import { type Caller, findCaller, operatorOnly } from './caller.ts'
import { describeClient } from './describe.ts'
import { parseReplacement, repeatedSecret, withinBounds } from './metadata.ts'
import { echoToken, getRegistered } from './read.ts'

const fresh = { 'cache-control': 'no-store', pragma: 'no-cache' }

function changeOf({ vault, now }: OAuthDeps, request: FastifyRequest, caller: Caller) {
  const by = caller.kind === 'operator' ? { by: caller.by } : {}
  return { org: request.org.id, at: now(), vault, context: contextOf(request), ...by }
}

/** Replaces a client's metadata, all of it; its secret stays unless it had none (RFC 7592 §2.2). */
export async function changeClient(deps: OAuthDeps, request: FastifyRequest, reply: FastifyReply) {
  const { db, vault } = deps
  const { org, body } = request
  const caller = await findCaller(deps, request, 'okta.apps.manage')
  const known = await getRegistered(deps, request, caller)
  const whole = parseReplacement(body, known)
  const input = caller.kind === 'client' ? withinBounds(whole, known) : whole
  const repeated = repeatedSecret(body)
  if (repeated !== undefined && !(await checkClientSecret(db, vault, org.id, known.id, repeated)))
    throw oauthErrors.registration_secret_mismatch()
  const usesSecret = input.tokenEndpointAuthMethod.startsWith('client_secret')
  const needsSecret = usesSecret && (await loadClientSecrets(db, vault, org.id, known.id)).length === 0
  const secret = needsSecret ? newSecret() : undefined
  // What a client can no longer use is not kept for it.
  const secrets = secret === undefined ? (usesSecret ? {} : { secrets: [] }) : { secrets: [secret] }
  const change = changeOf(deps, request, caller)
  const client = await inTransaction(db, (tx) => updateClient(tx, change, { ...input, ...secrets }))
  return await reply.headers(fresh).send({
    ...describeClient(client, org.url),
    ...(secret !== undefined && { client_secret: secret }),
    ...echoToken(caller),
  })
}

/** Removes a client with everything that it holds (RFC 7592 §2.3). */
export async function dropClient(deps: OAuthDeps, request: FastifyRequest, reply: FastifyReply) {
  const caller = await findCaller(deps, request, 'okta.apps.manage')
  const { id } = await getRegistered(deps, request, caller)
  const change = changeOf(deps, request, caller)
  await inTransaction(deps.db, async (tx) => {
    await setClientStatus(tx, change, id, 'inactive')
    await removeClient(tx, change, id)
  })
  return await reply.status(204).headers(fresh).send()
}

/** Gives a client a new secret. The one before goes on working until the next, so that nobody is locked out. */
export async function renewSecret(deps: OAuthDeps, request: FastifyRequest, reply: FastifyReply) {
  const { db, vault } = deps
  const { org } = request
  const caller = operatorOnly(await findCaller(deps, request, 'okta.apps.manage'))
  const known = await getRegistered(deps, request, caller)
  if (!known.tokenEndpointAuthMethod.startsWith('client_secret')) throw oauthErrors.registration_secret_unused()
  const secret = newSecret()
  const change = changeOf(deps, request, caller)
  const client = await inTransaction(db, async (tx) => {
    const [current] = await loadClientSecrets(tx, vault, org.id, known.id)
    const secrets = current === undefined ? [secret] : [secret, current]
    return await updateClient(tx, change, { ...known, secrets })
  })
  return await reply.headers(fresh).send({ ...describeClient(client, org.url), client_secret: secret })
}
