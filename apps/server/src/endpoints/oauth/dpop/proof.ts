import { hash } from 'node:crypto'
import type { FastifyReply, FastifyRequest } from 'fastify'
import {
  decodeForeignJwt,
  foreignAlgorithms,
  type PublishedKey,
  type SignatureProblem,
  thumbprintOf,
  verifyForeignJwt,
} from '../../../authorization/index.ts'
import { minute, second } from '../../../platform/clock.ts'
import { takeProof } from '../../../records/tokens/index.ts'
import { oauthErrors } from '../errors.ts'
import type { OAuthDeps } from '../house.ts'
import { parseProofClaims, parseProofKey } from '../schema.ts'
import { currentNonce, isLiveNonce } from './nonce.ts'

/** How far a client's clock may be ahead. */
const leewayMs = 30 * second
const longestAgeMs = 5 * minute

export type ProofFor = {
  /** The endpoint's own address: what `htu` has to name. */
  url: string
  /** The token that the proof comes with, at what it opens. */
  accessToken?: string
  /** At the token endpoint a proof may not be older than our own nonce, whatever the client's clock says. */
  isNonceRequired: boolean
}

/**
 * Verifies the DPoP proof of a request (RFC 9449 §4.3) and tells the thumbprint of its key; undefined where there is
 * none. Each answer to a proof names the nonce for the next.
 *
 * @throws {LatchkeyError} what begins with `dpop_`
 */
export async function findProofKey(
  deps: OAuthDeps,
  request: FastifyRequest,
  reply: FastifyReply,
  expected: ProofFor,
): Promise<string | undefined> {
  const { dpop } = request.headers
  if (dpop === undefined) return undefined
  reply.header('dpop-nonce', currentNonce(deps, request.org.id))
  const text = String(dpop)
  // Node joins headers that come twice with a comma, which no JWT has.
  if (Array.isArray(dpop) || text.includes(',')) throw oauthErrors.dpop_proof_repeated()
  const { key, claims } = readProof(text)
  refuseClaims(deps, request, expected, claims)
  const thumbprint = thumbprintOf(key)
  const expiresAt = Math.ceil(claims.iat * 1000) + longestAgeMs + leewayMs
  const proof = { kind: 'dpop-proof', value: `${thumbprint}\0${claims.jti}`, expiresAt } as const
  if (!(await takeProof(deps.db, request.org.id, proof, deps.now()))) throw oauthErrors.dpop_proof_replayed()
  return thumbprint
}

const problems = {
  algorithm: oauthErrors.dpop_algorithm,
  key: oauthErrors.dpop_key_invalid,
  signature: oauthErrors.dpop_signature,
} satisfies Record<SignatureProblem, unknown>

/** Here, and only here, the key comes with the signature: it says nothing but that the same party came before. */
function readProof(text: string) {
  const jwt = decodeForeignJwt(text)
  const claims = parseProofClaims(jwt?.claims)
  if (!jwt || !claims) throw oauthErrors.dpop_proof_malformed()
  if (jwt.header.typ?.toLowerCase() !== 'dpop+jwt') throw oauthErrors.dpop_type()
  if (!foreignAlgorithms.includes(jwt.header.alg)) throw oauthErrors.dpop_algorithm()
  const key: PublishedKey | undefined = parseProofKey(jwt.header.jwk)
  if (!key) throw oauthErrors.dpop_key_invalid()
  const problem = verifyForeignJwt({ ...jwt, header: { alg: jwt.header.alg } }, [key])
  if (problem) throw problems[problem]()
  return { key, claims }
}

type Claims = NonNullable<ReturnType<typeof parseProofClaims>>

function refuseClaims(deps: OAuthDeps, request: FastifyRequest, expected: ProofFor, claims: Claims): void {
  if (claims.htm !== request.method) throw oauthErrors.dpop_method()
  if (addressOf(claims.htu) !== expected.url) throw oauthErrors.dpop_address()
  const at = deps.now()
  if (claims.iat * 1000 > at + leewayMs) throw oauthErrors.dpop_early()
  if (claims.iat * 1000 + longestAgeMs + leewayMs <= at) throw oauthErrors.dpop_late()
  if (claims.exp !== undefined && claims.exp * 1000 + leewayMs <= at) throw oauthErrors.dpop_expired()
  const { accessToken, isNonceRequired } = expected
  if (accessToken !== undefined && claims.ath !== hash('sha256', accessToken, 'base64url'))
    throw oauthErrors.dpop_token_hash()
  const { nonce } = claims
  const isStale = nonce === undefined ? isNonceRequired : !isLiveNonce(deps, request.org.id, nonce)
  if (isStale) throw oauthErrors.dpop_nonce_required()
}

/** Without query and fragment (RFC 9449 §4.3). */
function addressOf(text: string): string | undefined {
  const url = URL.parse(text)
  return url ? `${url.origin}${url.pathname}` : undefined
}
