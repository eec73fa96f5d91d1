import { z } from 'zod'
import { type AuthorizationServer, defaultSettings, type ServerId } from './authorization-server.ts'
import { errors } from './errors.ts'
import { isSafePattern } from './patterns.ts'

const scopeName = z.string().regex(/^[\x21\x23-\x5b\x5d-\x7e]{1,200}$/)
const claimName = z.string().regex(/^[^\s\p{C}]{1,200}$/u)
const lifetime = (most: number) => z.int().min(1_000).max(most)
const hour = 3_600_000

const scope = z.strictObject({
  name: scopeName,
  description: z.string().max(500).optional(),
  consent: z.enum(['implicit', 'required']).optional(),
  isDefault: z.boolean().optional(),
})

const groupFilter = z
  .strictObject({ type: z.enum(['starts_with', 'equals', 'contains', 'regex']), value: z.string().min(1).max(200) })
  .refine(({ type, value }) => type !== 'regex' || isSafePattern(value), {
    message: 'Must be a regular expression without quantified groups, back references or many quantifiers.',
    path: ['value'],
  })

const claimValue = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('static'), value: z.json() }),
  z.strictObject({ kind: z.literal('profile'), attribute: z.string().min(1).max(100) }),
  z.strictObject({ kind: z.literal('groups'), filter: groupFilter }),
])

/** What a token says by its own standard: a claim of ours under such a name could make one token pass for another. */
const reservedClaims = new Set(
  'iss sub aud exp nbf iat jti ver cid uid scp auth_time nonce at_hash c_hash azp amr acr sid client_id cnf act'.split(
    ' ',
  ),
)

const claim = z.strictObject({
  name: claimName.refine((name) => !reservedClaims.has(name), 'Is a claim of the token itself.'),
  token: z.enum(['access', 'id']),
  value: claimValue,
  scopes: z.array(scopeName).min(1).max(50).optional(),
  always: z.boolean().optional(),
})

const isOnce = (keys: readonly string[]) => new Set(keys).size === keys.length

/** An authorization server as an operator writes it; what a blueprint or the management API accepts. */
export const authorizationServerSchema = z.strictObject({
  id: z
    .string()
    .regex(/^[A-Za-z0-9_-]{1,100}$/)
    .optional(),
  name: z.string().trim().min(1).max(200),
  description: z.string().max(1_000).default(''),
  status: z.enum(['active', 'inactive']).default('active'),
  audiences: z
    .array(z.string().regex(/^[\x21-\x7e]{1,500}$/))
    .max(20)
    .default([]),
  scopes: z
    .array(scope)
    .max(500)
    .refine((scopes) => isOnce(scopes.map(({ name }) => name)), 'Each scope can be named once.')
    .default([]),
  claims: z
    .array(claim)
    .max(200)
    .refine(
      (claims) => isOnce(claims.map(({ name, token }) => `${token} ${name}`)),
      'Each claim can be named once for each token.',
    )
    .default([]),
  settings: z
    .strictObject({
      accessTokenLifetimeMs: lifetime(24 * hour).default(defaultSettings.accessTokenLifetimeMs),
      idTokenLifetimeMs: lifetime(24 * hour).default(defaultSettings.idTokenLifetimeMs),
      codeLifetimeMs: lifetime(hour / 6).default(defaultSettings.codeLifetimeMs),
      refreshTokenLifetimeMs: lifetime(5 * 366 * 24 * hour).default(defaultSettings.refreshTokenLifetimeMs),
      signingAlgorithm: z.literal('RS256').default(defaultSettings.signingAlgorithm),
    })
    .prefault({}),
})

/** An authorization server to be kept; without `id` it is a new one. */
export type AuthorizationServerInput = Omit<AuthorizationServer, 'id' | 'createdAt' | 'updatedAt'> & {
  readonly id?: ServerId
}

/** @throws {LatchkeyError} `authorization_server_invalid`, with the path of the mistake in `details.member` */
export function parseAuthorizationServer(input: unknown): AuthorizationServerInput {
  const parsed = authorizationServerSchema.safeParse(input)
  // The cast is where a plain id becomes a branded one.
  if (parsed.success) return parsed.data as unknown as AuthorizationServerInput
  const issue = parsed.error.issues[0]
  const member = issue?.path.join('.') ?? ''
  throw errors.authorization_server_invalid({
    message: `${member || 'The authorization server'}: ${issue?.message}`,
    details: { member },
  })
}
