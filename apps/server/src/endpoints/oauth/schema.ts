import { z } from 'zod'
import type { ServerId } from '../../records/authorization-servers/index.ts'
import type { ClientId } from '../../records/clients/index.ts'

const withServer = z.object({
  serverId: z
    .string()
    .regex(/^[A-Za-z0-9_-]{1,100}$/)
    .transform((text) => text as ServerId)
    .optional(),
})

/** The authorization server that a path names; undefined for the org's own. A name that cannot be one is nobody's. */
export function parseServerId(params: unknown): ServerId | undefined {
  const parsed = withServer.safeParse(params)
  return parsed.success ? parsed.data.serverId : ('' as ServerId)
}

const parameters = z.record(z.string(), z.union([z.string(), z.array(z.string())]))

/** Parameters of a query or a form: those that came once, and the names of those that came more often. */
export type OnceParameters = { values: Readonly<Record<string, string>>; repeated: readonly string[] }

/**
 * Sorts parameters. An empty one counts as absent (RFC 6749 §3.1), and what came twice is told apart from what came
 * once, because which of the two would count is what attackers play on.
 */
export function parseParameters(input: unknown): OnceParameters {
  const values: Record<string, string> = Object.create(null)
  const repeated: string[] = []
  for (const [name, value] of Object.entries(parameters.parse(input ?? {}))) {
    if (Array.isArray(value)) repeated.push(name)
    else if (value !== '') values[name] = value
  }
  return { values, repeated }
}

/** The same parameters as a query, in which nothing was lost: what came twice comes twice again. */
export function toQuery(input: unknown): string {
  const query = new URLSearchParams()
  for (const [name, value] of Object.entries(parameters.parse(input ?? {})))
    for (const one of [value].flat()) query.append(name, one)
  return query.toString()
}

export const toClientId = (text: string) => text as ClientId

const keySet = z.object({ keys: z.array(z.looseObject({ kty: z.string() })).max(100) })

/** The keys of a JWK Set that somebody else publishes; throws where it is none. */
export const parseKeySet = (input: unknown) => keySet.parse(input).keys

const assertionClaims = z.looseObject({
  iss: z.string(),
  sub: z.string().min(1).max(300),
  aud: z.union([z.string(), z.array(z.string())]),
  exp: z.number(),
  iat: z.number().optional(),
  nbf: z.number().optional(),
  jti: z.string().min(1).max(500).optional(),
})

/** What RFC 7523 §3 asks of a client's assertion; undefined where something is missing. */
export function parseAssertionClaims(input: unknown): z.output<typeof assertionClaims> | undefined {
  return assertionClaims.safeParse(input).data
}

const registrationPathParameters = z.object({ clientId: z.string().max(100) })

/** The client that a path names. */
export const parseRegistrationPath = (params: unknown) => toClientId(registrationPathParameters.parse(params).clientId)

/** The members of a registration that decide about the client's place here, whatever else it says. */
export const registrationMembers = z.looseObject({
  client_id: z.unknown().optional(),
  client_secret: z.unknown().optional(),
})

const listQuery = z.object({
  q: z.string().max(200).optional(),
  after: z.string().max(100).optional(),
  limit: z.coerce.number().int().min(1).max(200).default(20),
})

export const registrationList = listQuery

const proofClaims = z.looseObject({
  jti: z.string().min(1).max(500),
  htm: z.string(),
  htu: z.string().max(2_000),
  iat: z.number(),
  exp: z.number().optional(),
  ath: z.string().optional(),
  nonce: z.string().optional(),
})

/** What RFC 9449 §4.2 asks of a proof; undefined where something is missing. */
export function parseProofClaims(input: unknown): z.output<typeof proofClaims> | undefined {
  return proofClaims.safeParse(input).data
}

const secretMembers = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k']
const proofKey = z
  .looseObject({ kty: z.enum(['RSA', 'EC', 'OKP']) })
  .refine((key) => !secretMembers.some((member) => member in key))

/** The public key that a proof brings along; undefined for anything else, a private key included. */
export function parseProofKey(input: unknown): z.output<typeof proofKey> | undefined {
  return proofKey.safeParse(input).data
}
