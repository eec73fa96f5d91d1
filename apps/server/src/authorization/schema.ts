import { z } from 'zod'
import type { ClientId } from '../records/clients/index.ts'
import type { GrantId } from '../records/grants/index.ts'
import type { KeyId } from '../records/keys/index.ts'
import type { UserId } from '../records/users/index.ts'

const seconds = z.number().int().nonnegative()

/** A header of ours has these members; `crit`, `jwk`, `jku` and the like never, whatever they say. */
export const jwtHeader = z.strictObject({
  alg: z.string(),
  kid: z.string().transform((text) => text as KeyId),
})

/** The claims that any token of ours has, read before its kind is known. */
export const issuedClaims = z.looseObject({ iss: z.string(), iat: seconds, exp: seconds, jti: z.string() })

export const accessTokenClaims = z.looseObject({
  iss: z.string(),
  aud: z.union([z.string(), z.array(z.string())]),
  sub: z.string(),
  iat: seconds,
  exp: seconds,
  jti: z.string(),
  cid: z.string().transform((text) => text as ClientId),
  uid: z
    .string()
    .transform((text) => text as UserId)
    .optional(),
  scp: z.array(z.string()),
  cnf: z.object({ jkt: z.string() }).optional(),
})

export type AccessTokenClaims = z.output<typeof accessTokenClaims>

export const idTokenClaims = z.looseObject({
  iss: z.string(),
  sub: z.string().transform((text) => text as UserId),
  aud: z.string().transform((text) => text as ClientId),
  iat: seconds,
  exp: seconds,
  jti: z.string(),
  sid: z.string().optional(),
})

export type IdTokenClaims = z.output<typeof idTokenClaims>

export const grantIdOf = (suffix: string) => `oag${suffix}` as GrantId

/** What a code remembers of its authorization request. */
export const codeDetails = z.object({
  redirectUri: z.string(),
  codeChallenge: z.string().optional(),
  /** The session's id, also where the grant will outlive the session. */
  sessionId: z.string().optional(),
  /** The thumbprint of the key that has to redeem it. */
  jkt: z.string().optional(),
})

export type CodeDetails = z.output<typeof codeDetails>

/** What a refresh token remembers: its family's id, which those before and after it share and access tokens name. */
export const refreshDetails = z.object({ id: z.string(), /** The thumbprint of its key. */ jkt: z.string().optional() })

export type RefreshDetails = z.output<typeof refreshDetails>

/** The header of a JWT that somebody else made. */
export const foreignHeader = z.looseObject({
  alg: z.string().max(20),
  typ: z.string().max(100).optional(),
  kid: z.string().max(300).optional(),
  crit: z.undefined().optional(),
  b64: z.undefined().optional(),
})

export type ForeignHeader = z.output<typeof foreignHeader>
