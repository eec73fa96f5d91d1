import type { Issuer } from '../../../authorization/index.ts'
import { hour } from '../../../platform/clock.ts'
import { inTransaction } from '../../../platform/database/index.ts'
import { newSecret } from '../../../platform/ids.ts'
import type { Client } from '../../../records/clients/index.ts'
import { findToken, redeemToken, saveToken } from '../../../records/tokens/index.ts'
import { oauthErrors } from '../errors.ts'
import type { OAuthDeps } from '../house.ts'
import type { OnceParameters } from '../schema.ts'
import { parsePushedRequest } from './schema.ts'

const prefix = 'urn:okta:'
export const pushedLifetimeMs = hour

/** Keeps a checked request until its browser comes, and gives the name under which it will ask for it. */
export async function keepPushedRequest(
  { db, now }: OAuthDeps,
  { org, server }: Issuer,
  client: Client,
  values: Readonly<Record<string, string>>,
): Promise<string> {
  const at = now()
  const value = newSecret()
  const details = { serverId: server.id, values }
  const kept = {
    kind: 'pushed-request',
    value,
    clientId: client.id,
    details,
    expiresAt: at + pushedLifetimeMs,
  } as const
  await inTransaction(db, (tx) => saveToken(tx, org.id, kept, at))
  return `${prefix}${value}`
}

/**
 * Takes a pushed request, once. Whose it is, is looked at before: a stranger who saw the address must not spend it for
 * its owner.
 *
 * @throws {LatchkeyError} `request_uri_unsupported`, `request_uri_unknown`, `request_uri_client_mismatch`,
 * `request_uri_server_mismatch`
 */
export async function takePushedRequest(
  { db, now }: OAuthDeps,
  { org, server }: Issuer,
  { values }: OnceParameters,
): Promise<OnceParameters> {
  const uri = values.request_uri ?? ''
  // Fetching what a request names would let anybody send this server anywhere (RFC 9101 §10.4).
  if (!uri.startsWith(prefix)) throw oauthErrors.request_uri_unsupported()
  const value = uri.slice(prefix.length)
  const at = now()
  const found = await findToken(db, org.id, 'pushed-request', value, at)
  if (!found || found.redeemedAt !== null) throw oauthErrors.request_uri_unknown()
  const kept = parsePushedRequest(found.details)
  if (found.clientId !== values.client_id) throw oauthErrors.request_uri_client_mismatch()
  if (kept.serverId !== server.id) throw oauthErrors.request_uri_server_mismatch()
  const { outcome } = await inTransaction(db, (tx) => redeemToken(tx, org.id, 'pushed-request', value, at))
  if (outcome !== 'redeemed') throw oauthErrors.request_uri_unknown()
  return { values: { ...kept.values, client_id: found.clientId }, repeated: [] }
}
