import { decodeForeignJwt, type ForeignJwt, type SignatureProblem } from '../../../authorization/index.ts'
import { hour, second } from '../../../platform/clock.ts'
import { hashSecret } from '../../../platform/hash.ts'
import { takeProof } from '../../../records/tokens/index.ts'
import { oauthErrors } from '../errors.ts'
import { endpointUrl } from '../issuers.ts'
import { parseAssertionClaims } from '../schema.ts'
import type { ClientRequest, Presented, Proving, Refusal } from './method.ts'

const jwtBearer = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'

/** How far a client's clock may be off. */
const leewayMs = 30 * second
/** An assertion that lives longer would have to be remembered longer. */
const longestLifeMs = hour

/**
 * Reads the assertion of a request; undefined where there is none.
 *
 * @throws {LatchkeyError} `client_assertion_type_invalid`, `client_assertion_malformed`
 */
export function findAssertion({ values }: ClientRequest): Presented | undefined {
  const { client_assertion: text, client_assertion_type: type } = values
  if (text === undefined && type === undefined) return undefined
  if (type !== jwtBearer) throw oauthErrors.client_assertion_type_invalid()
  const assertion = text === undefined ? undefined : decodeForeignJwt(text)
  const claims = parseAssertionClaims(assertion?.claims)
  if (!assertion || !claims) throw oauthErrors.client_assertion_malformed()
  return { clientId: claims.sub, assertion }
}

type Verify = (assertion: ForeignJwt) => Promise<SignatureProblem | undefined> | SignatureProblem | undefined

const problems: Readonly<Record<SignatureProblem, Refusal>> = {
  algorithm: oauthErrors.client_assertion_algorithm,
  key: oauthErrors.client_assertion_key_unknown,
  signature: oauthErrors.client_assertion_signature,
}

/**
 * Checks an assertion (RFC 7523 §3), last of all that it was never here before: an invented one must not spend the id
 * of one that is still to come.
 */
export async function refuseAssertion(proving: Proving, verify: Verify): Promise<Refusal | undefined> {
  const { assertion } = proving.presented
  const claims = parseAssertionClaims(assertion?.claims)
  if (!assertion || !claims) return oauthErrors.client_assertion_malformed
  const problem = refuseHeader(assertion) ?? refuseClaims(proving, claims)
  if (problem) return problem
  const unproven = await verify(assertion)
  if (unproven) return problems[unproven]
  const { db, now, issuer, client } = proving
  // One without an id of its own is as good as its text.
  const id = claims.jti ?? hashSecret(assertion.input)
  const expiresAt = Math.ceil(claims.exp * 1000) + leewayMs
  const proof = { kind: 'client-assertion', value: `${client.id}\0${id}`, expiresAt } as const
  return (await takeProof(db, issuer.org.id, proof, now())) ? undefined : oauthErrors.client_assertion_replayed
}

/** A key that comes along with the signature, or from where the signature says, proves nothing about anybody. */
const embeddedKeys = ['jwk', 'jku', 'x5u', 'x5c']
const types = [undefined, 'jwt', 'client-authentication+jwt']

function refuseHeader({ header }: ForeignJwt): Refusal | undefined {
  if (embeddedKeys.some((member) => header[member] !== undefined)) return oauthErrors.client_assertion_key_embedded
  // A JWT that was made for another purpose says so (RFC 8725 §3.11).
  return types.includes(header.typ?.toLowerCase()) ? undefined : oauthErrors.client_assertion_malformed
}

type Claims = NonNullable<ReturnType<typeof parseAssertionClaims>>

function refuseClaims({ issuer, endpoint, client, now }: Proving, claims: Claims): Refusal | undefined {
  if (claims.iss !== client.id) return oauthErrors.client_assertion_issuer
  const names = [issuer.url, endpointUrl(issuer, 'token'), endpointUrl(issuer, endpoint)]
  // Beside another server's name ours would let that one use the assertion here.
  const audience = [claims.aud].flat()
  if (audience.length === 0 || !audience.every((name) => names.includes(name)))
    return oauthErrors.client_assertion_audience
  const at = now()
  if (claims.exp * 1000 + leewayMs <= at) return oauthErrors.client_assertion_expired
  if (claims.exp * 1000 > at + longestLifeMs + leewayMs) return oauthErrors.client_assertion_too_long
  const starts = [claims.iat, claims.nbf].filter((time) => time !== undefined)
  if (starts.some((time) => time * 1000 > at + leewayMs)) return oauthErrors.client_assertion_early
  return undefined
}
