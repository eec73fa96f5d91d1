import { type Client, type ClientInput, parseClientMetadata } from '../../../records/clients/index.ts'
import { oauthErrors } from '../errors.ts'
import { registrationMembers } from '../schema.ts'

/** What an operator decides about a client, and no registration may. */
const decidedHere = ['status', 'consent', 'require_pkce']
const setByServer = [
  'registration_access_token',
  'registration_client_uri',
  'client_secret_expires_at',
  'client_id_issued_at',
]

/**
 * Reads the metadata of a new client.
 *
 * Its id and its secret are made here, and people are asked before it gets anything. A confidential client may do
 * without PKCE, as OpenID Connect's do that know only `nonce` (OAuth 2.1 §7.5.1); a public one never.
 *
 * @throws {LatchkeyError} `invalid_redirect_uri`, `invalid_client_metadata`
 */
export function parseRegistration(input: unknown): ClientInput {
  return parseClientMetadata(without(input, [...decidedHere, 'client_id', 'client_secret']), {
    consent: 'required',
    requirePkce: false,
  })
}

/**
 * Reads the metadata that is to replace a client's (RFC 7592 §2.2).
 *
 * @throws {LatchkeyError} `invalid_redirect_uri`, `invalid_client_metadata`, `registration_member_forbidden`,
 * `registration_client_mismatch`
 */
export function parseReplacement(input: unknown, client: Client): ClientInput & { id: Client['id'] } {
  const members = registrationMembers.safeParse(input).data ?? {}
  const forbidden = setByServer.filter((member) => member in members)
  if (forbidden.length > 0) throw oauthErrors.registration_member_forbidden({ details: { members: forbidden } })
  if (members.client_id !== undefined && members.client_id !== client.id)
    throw oauthErrors.registration_client_mismatch()
  const { id, status, consent, requirePkce } = client
  const whole = parseClientMetadata(without(input, [...decidedHere, 'client_id', 'client_secret']))
  return { ...whole, id, status, consent, requirePkce }
}

/**
 * Keeps a client that changes itself to what its operator allowed: it may give scopes up, and neither ask for more nor
 * begin to act for itself, where nobody is asked.
 *
 * @throws {LatchkeyError} `registration_member_forbidden`
 */
export function withinBounds<Input extends ClientInput>(input: Input, { scopes, grantTypes }: Client): Input {
  const actsAlone = (types: readonly string[]) => types.includes('client_credentials')
  const forbidden = [
    ...(scopes && !(input.scopes ?? []).every((scope) => scopes.includes(scope)) ? ['scope'] : []),
    ...(actsAlone(input.grantTypes) && !actsAlone(grantTypes) ? ['grant_types'] : []),
  ]
  const message = `${forbidden[0]}: only the operator may allow a client more than it has.`
  if (forbidden.length > 0)
    throw oauthErrors.registration_member_forbidden({ message, details: { members: forbidden } })
  return scopes && !input.scopes ? { ...input, scopes } : input
}

/** The secret that a request repeats; undefined where it does not. */
export function repeatedSecret(input: unknown): string | undefined {
  const secret = registrationMembers.safeParse(input).data?.client_secret
  return secret === undefined ? undefined : String(secret)
}

function without(input: unknown, members: readonly string[]): unknown {
  const parsed = registrationMembers.safeParse(input)
  if (!parsed.success) return input
  return Object.fromEntries(Object.entries(parsed.data).filter(([name]) => !members.includes(name)))
}
