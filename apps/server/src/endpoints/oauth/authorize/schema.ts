import { z } from 'zod'
import type { ServerId } from '../../../records/authorization-servers/index.ts'
import type { ClientId } from '../../../records/clients/index.ts'

export const responseModes = ['query', 'fragment', 'form_post'] as const
export type ResponseMode = (typeof responseModes)[number]

/** An authorization request whose every part was checked; what the end of a sign-in needs to answer it. */
export const authorizationRequest = z.object({
  serverId: z.string().transform((text) => text as ServerId),
  clientId: z.string().transform((text) => text as ClientId),
  redirectUri: z.string(),
  responseMode: z.enum(responseModes),
  state: z.string().optional(),
  scopes: z.array(z.string()),
  nonce: z.string().optional(),
  codeChallenge: z.string().optional(),
  /** The thumbprint of the key that has to redeem the code. */
  jkt: z.string().optional(),
  /** The contexts that the client asked for; the first that was reached is told to it. */
  contexts: z.array(z.string()).optional(),
  claims: z.object({ idToken: z.array(z.string()).optional(), userinfo: z.array(z.string()).optional() }).optional(),
})

export type AuthorizationRequest = z.output<typeof authorizationRequest>

const requestedClaim = z
  .looseObject({
    essential: z.boolean().optional(),
    value: z.unknown().optional(),
    values: z.array(z.unknown()).max(100).optional(),
  })
  .nullable()
const requestedClaims = z.record(z.string().max(200), requestedClaim)
const claimsParameter = z.looseObject({ id_token: requestedClaims.optional(), userinfo: requestedClaims.optional() })

export type ClaimsParameter = z.output<typeof claimsParameter>

/** Reads the `claims` parameter (OpenID Connect Core §5.5); undefined for what is none. */
export function parseClaims(text: string): ClaimsParameter | undefined {
  try {
    return claimsParameter.safeParse(JSON.parse(text)).data
  } catch {
    return undefined
  }
}

const pushedRequest = z.object({
  serverId: z.string().transform((text) => text as ServerId),
  values: z.record(z.string(), z.string()),
})

/** What was kept of a pushed request. */
export const parsePushedRequest = (input: unknown) => pushedRequest.parse(input)

const parameter = z.union([
  z.string(),
  // `max_age` is a number there, `claims` an object.
  z.number().transform(String),
  z.record(z.string(), z.unknown()).transform((value) => JSON.stringify(value)),
])
const requestObject = z
  .object({
    iss: z.string(),
    aud: z.union([z.string(), z.array(z.string())]),
    exp: z.number(),
    iat: z.number().optional(),
    nbf: z.number().optional(),
    jti: z.string().min(1).max(500).optional(),
    sub: z.string().optional(),
    // One inside another is an attempt to be asked twice (RFC 9101 §4).
    request: z.undefined().optional(),
    request_uri: z.undefined().optional(),
  })
  .catchall(parameter)
  .transform(({ iss, aud, exp, iat, nbf, jti, sub: _, request: _r, request_uri: _u, ...rest }) => ({
    ...{ iss, aud, exp, iat, nbf, jti },
    parameters: Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== '')),
  }))

export type RequestObject = z.output<typeof requestObject>

/** Reads the claims of a request object; undefined for what is none. */
export function parseRequestObject(input: unknown): RequestObject | undefined {
  return requestObject.safeParse(input).data
}
