import {
  decodeForeignJwt,
  type ForeignJwt,
  type Issuer,
  type SignatureProblem,
  secretAlgorithms,
  verifyForeignJwt,
  verifySecretJwt,
} from '../../../authorization/index.ts'
import { hour, second } from '../../../platform/clock.ts'
import { type Client, loadClientSecrets } from '../../../records/clients/index.ts'
import { takeProof } from '../../../records/tokens/index.ts'
import { oauthErrors } from '../errors.ts'
import type { OAuthDeps } from '../house.ts'
import { type OnceParameters, toClientId } from '../schema.ts'
import { parseRequestObject, type RequestObject } from './schema.ts'

const leewayMs = 30 * second
const longestLifeMs = hour

const problems = {
  algorithm: oauthErrors.request_object_algorithm,
  key: oauthErrors.request_object_key_unknown,
  signature: oauthErrors.request_object_signature,
} satisfies Record<SignatureProblem, unknown>

/**
 * Reads a request that its client signed (RFC 9101). What it says counts, and of the address around it only the
 * client's name (§5, §6.3): whoever could add a parameter outside would have got around the signature.
 *
 * @throws {LatchkeyError} what begins with `request_object_`, `client_unknown`, `client_keys_unavailable`
 */
export async function readRequestObject(
  deps: OAuthDeps,
  issuer: Issuer,
  { values }: OnceParameters,
): Promise<OnceParameters> {
  const client = values.client_id && (await deps.cache.client(issuer.org, toClientId(values.client_id)))
  if (!client) throw oauthErrors.client_unknown()
  const jwt = decodeForeignJwt(values.request ?? '')
  const object = parseRequestObject(jwt?.claims)
  if (!jwt || !object || !isForRequests(jwt)) throw oauthErrors.request_object_malformed()
  const problem = await verify(deps, issuer, client, jwt)
  if (problem) throw problems[problem]()
  refuseClaims(deps, issuer, client, object)
  if (object.jti !== undefined) await refuseReplay(deps, issuer, client, { ...object, jti: object.jti })
  return { values: { ...object.parameters, client_id: client.id }, repeated: [] }
}

/** A JWT that was made for another purpose says so (RFC 8725 §3.11). */
function isForRequests({ header }: ForeignJwt): boolean {
  const isBare = ['jwk', 'jku', 'x5u', 'x5c'].every((member) => header[member] === undefined)
  return isBare && [undefined, 'jwt', 'oauth-authz-req+jwt'].includes(header.typ?.toLowerCase())
}

async function verify({ db, vault, clientKeys }: OAuthDeps, { org }: Issuer, client: Client, jwt: ForeignJwt) {
  if (secretAlgorithms.includes(jwt.header.alg))
    return verifySecretJwt(jwt, await loadClientSecrets(db, vault, org.id, client.id))
  if (!client.jwks && client.jwksUri === undefined) throw oauthErrors.request_object_unsupported()
  const problem = verifyForeignJwt(jwt, await clientKeys.of(client))
  return problem === 'key' ? verifyForeignJwt(jwt, await clientKeys.renewed(client)) : problem
}

function refuseClaims({ now }: OAuthDeps, { url }: Issuer, client: Client, object: RequestObject): void {
  const at = now()
  if (object.iss !== client.id || (object.parameters.client_id ?? client.id) !== client.id)
    throw oauthErrors.request_object_issuer()
  if (![object.aud].flat().includes(url)) throw oauthErrors.request_object_audience()
  if (object.exp * 1000 + leewayMs <= at) throw oauthErrors.request_object_expired()
  if (object.exp * 1000 > at + longestLifeMs + leewayMs) throw oauthErrors.request_object_too_long()
  const starts = [object.iat, object.nbf].filter((time) => time !== undefined)
  if (starts.some((time) => time * 1000 > at + leewayMs)) throw oauthErrors.request_object_early()
}

async function refuseReplay(
  { db, now }: OAuthDeps,
  { org }: Issuer,
  client: Client,
  { jti, exp }: { jti: string; exp: number },
): Promise<void> {
  const expiresAt = Math.ceil(exp * 1000) + leewayMs
  const proof = { kind: 'request-object', value: `${client.id}\0${jti}`, expiresAt } as const
  if (!(await takeProof(db, org.id, proof, now()))) throw oauthErrors.request_object_replayed()
}
