import type { FastifyRequest } from 'fastify'
import { accessErrors, authenticateApiToken, type Permission, refuseUnlessAllowed } from '../../../access/index.ts'
import type { Actor } from '../../../directory/index.ts'
import { findApiTokenByValue, touchApiToken } from '../../../records/api-tokens/index.ts'
import type { ClientId } from '../../../records/clients/index.ts'
import { findToken } from '../../../records/tokens/index.ts'
import { oauthErrors } from '../errors.ts'
import type { OAuthDeps } from '../house.ts'

/** Who registers or changes clients: a program of the operator's or an admin's, or a client about itself. */
export type Caller = { kind: 'operator'; by: Actor } | { kind: 'client'; clientId: ClientId; token: string }

/**
 * Finds out who calls: an API token as `SSWS`, the operator's own also as the initial access token of RFC 7591
 * (`Bearer`), or a client's registration access token (RFC 7592 §1.3).
 *
 * @throws {LatchkeyError} `api_token_missing`, `api_token_invalid`, `permission_missing`
 */
export async function findCaller(deps: OAuthDeps, request: FastifyRequest, permission: Permission): Promise<Caller> {
  const bearer = /^bearer ([\x21-\x7e]{1,300})$/i.exec(request.headers.authorization ?? '')?.[1]
  if (bearer !== undefined) return await findBearer(deps, request, bearer)
  const principal = await authenticateApiToken(deps, request)
  refuseUnlessAllowed(principal, permission)
  const { tokenId: id, tokenName: name, userId } = principal
  return { kind: 'operator', by: { type: 'api-token', id, name, userId } }
}

async function findBearer({ db, now }: OAuthDeps, { org }: FastifyRequest, value: string): Promise<Caller> {
  const at = now()
  const own = await findToken(db, org.id, 'registration', value, at)
  if (own?.clientId) return { kind: 'client', clientId: own.clientId, token: value }
  const initial = await findApiTokenByValue(db, org.id, value, at)
  // One with a user behind it has that user's rights, which `SSWS` looks at.
  if (initial?.userId !== null) throw accessErrors.api_token_invalid()
  await touchApiToken(db, org.id, initial, at)
  return { kind: 'operator', by: { type: 'api-token', id: initial.id, name: initial.name, userId: null } }
}

/** Refuses a client that is after another one. @throws {LatchkeyError} `registration_token_mismatch` */
export function refuseOthers(caller: Caller, clientId: ClientId): void {
  if (caller.kind === 'client' && caller.clientId !== clientId) throw oauthErrors.registration_token_mismatch()
}

/** @throws {LatchkeyError} `registration_token_not_enough` */
export function operatorOnly(caller: Caller): Extract<Caller, { kind: 'operator' }> {
  if (caller.kind !== 'operator') throw oauthErrors.registration_token_not_enough()
  return caller
}
