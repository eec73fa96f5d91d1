import { z } from 'zod'
import type { Client, ClientId } from './client.ts'
import { errors } from './errors.ts'
import { refuseRedirectUri } from './redirect-uris.ts'
import type { ClientInput } from './store.ts'

const webUri = z.url({ protocol: /^https?$/ }).max(2_000)
/** Marks what is wrong with a redirect URI, since RFC 7591 §3.2.2 has an error of its own for it. */
const redirectProblem = { about: 'redirect URI' }

const redirectUris = z
  .array(
    z
      .string()
      .max(2_000)
      .superRefine((uri, context) => {
        const problem = refuseRedirectUri(uri)
        if (problem)
          context.addIssue({ code: 'custom', message: `The redirect URI ${problem}.`, params: redirectProblem })
      }),
  )
  .max(100)
const token = z.string().regex(/^[\x21\x23-\x5b\x5d-\x7e]{1,200}$/)
const scopeList = z.string().regex(/^[\x21\x23-\x5b\x5d-\x7e]+(?: [\x21\x23-\x5b\x5d-\x7e]+)*$/)
const jwk = z
  .looseObject({ kty: z.string() })
  .refine((key) => !['d', 'p', 'q', 'k'].some((member) => member in key), 'Must be a public key.')

const clientId = z.string().regex(/^[\x21-\x7e]{1,100}$/)

/** Tells whether a client may have this id: what cannot be one is not looked up. */
export const isClientId = (text: string) => clientId.safeParse(text).success

/**
 * The members of RFC 7591 that we understand, and our own `consent`, `require_pkce` and `status`.
 *
 * Unknown members are left out, as RFC 7591 §2 asks; where a mistake must show instead, use `clientMetadata.strict()`.
 */
export const clientMetadata = z.object({
  client_id: clientId.optional(),
  client_secret: z
    .string()
    .regex(/^[\x20-\x7e]{1,300}$/)
    .optional(),
  client_name: z.string().trim().min(1).max(200).optional(),
  application_type: z.enum(['web', 'native', 'browser', 'service']).optional(),
  token_endpoint_auth_method: z
    .enum(['none', 'client_secret_basic', 'client_secret_post', 'client_secret_jwt', 'private_key_jwt'])
    .optional(),
  redirect_uris: redirectUris.optional(),
  post_logout_redirect_uris: redirectUris.optional(),
  grant_types: z.array(token).max(20).optional(),
  response_types: z
    .array(z.string().regex(/^[a-z_]+(?: [a-z_]+)*$/))
    .max(20)
    .optional(),
  scope: scopeList.optional(),
  client_uri: webUri.optional(),
  logo_uri: webUri.optional(),
  initiate_login_uri: webUri.optional(),
  jwks: z.object({ keys: z.array(jwk).max(20) }).optional(),
  jwks_uri: webUri.optional(),
  backchannel_logout_uri: webUri.optional(),
  consent: z.enum(['required', 'trusted']).optional(),
  require_pkce: z.boolean().optional(),
  status: z.enum(['active', 'inactive']).optional(),
})

export type ClientMetadata = z.output<typeof clientMetadata>

/** What stands where the metadata says nothing and RFC 7591 leaves it to us. */
export type ClientDefaults = Partial<Pick<Client, 'consent' | 'requirePkce'>>

/**
 * Reads RFC 7591 client metadata.
 *
 * @param defaults for clients that register themselves, `{ consent: 'required' }`; an operator's own are trusted
 * @throws {LatchkeyError} `invalid_redirect_uri` or `invalid_client_metadata`, with the member in `details.member`
 */
export function parseClientMetadata(input: unknown, defaults: ClientDefaults = {}): ClientInput {
  const parsed = clientMetadata.safeParse(input)
  if (parsed.success) return toClient(parsed.data, defaults)
  const issue = parsed.error.issues[0]
  const member = issue?.path.join('.') ?? ''
  const message = `${member || 'The client metadata'}: ${issue?.message ?? 'is not valid'}`
  const isRedirect = issue?.code === 'custom' && issue.params === redirectProblem
  const error = isRedirect ? errors.invalid_redirect_uri : errors.invalid_client_metadata
  throw error({ message, details: { member } })
}

function toClient(metadata: ClientMetadata, defaults: ClientDefaults): ClientInput {
  const applicationType = metadata.application_type ?? 'web'
  const isUnprotected = applicationType === 'browser' || applicationType === 'native'
  const method = metadata.token_endpoint_auth_method ?? (isUnprotected ? 'none' : 'client_secret_basic')
  const grantTypes = metadata.grant_types ?? [
    applicationType === 'service' ? 'client_credentials' : 'authorization_code',
  ]
  const usesCodes = grantTypes.includes('authorization_code')
  const client: ClientInput = {
    ...(metadata.client_id !== undefined && { id: metadata.client_id as ClientId }),
    name: metadata.client_name ?? metadata.client_id ?? 'Client',
    status: metadata.status ?? 'active',
    applicationType,
    tokenEndpointAuthMethod: method,
    redirectUris: metadata.redirect_uris ?? [],
    postLogoutRedirectUris: metadata.post_logout_redirect_uris ?? [],
    grantTypes,
    responseTypes: metadata.response_types ?? (usesCodes ? ['code'] : []),
    ...(metadata.scope !== undefined && { scopes: [...new Set(metadata.scope.split(' '))] }),
    ...(metadata.client_uri !== undefined && { clientUri: metadata.client_uri }),
    ...(metadata.logo_uri !== undefined && { logoUri: metadata.logo_uri }),
    ...(metadata.initiate_login_uri !== undefined && { initiateLoginUri: metadata.initiate_login_uri }),
    ...(metadata.jwks !== undefined && { jwks: metadata.jwks }),
    ...(metadata.jwks_uri !== undefined && { jwksUri: metadata.jwks_uri }),
    ...(metadata.backchannel_logout_uri !== undefined && { backchannelLogoutUri: metadata.backchannel_logout_uri }),
    consent: metadata.consent ?? defaults.consent ?? 'trusted',
    requirePkce: metadata.require_pkce ?? defaults.requirePkce ?? true,
    ...(metadata.client_secret !== undefined && { secrets: [metadata.client_secret] }),
  }
  checkTogether(client)
  return client
}

type Rule = readonly [member: string, isBroken: (client: ClientInput) => boolean, message: string]

const usesSecret = (client: ClientInput) => client.tokenEndpointAuthMethod.startsWith('client_secret')
const grants = (client: ClientInput, grantType: string) => client.grantTypes.includes(grantType)
const answers = (client: ClientInput, word: string) =>
  client.responseTypes.some((responseType) => responseType.split(' ').includes(word))

/** What the members must be to one another (RFC 7591 §2.1; OpenID Connect Dynamic Client Registration 1.0 §2). */
const rules: readonly Rule[] = [
  [
    'redirect_uris',
    (client) => client.responseTypes.some((type) => type !== 'none') && client.redirectUris.length === 0,
    'is needed by a client that people are sent back to',
  ],
  [
    'response_types',
    (client) => answers(client, 'code') !== grants(client, 'authorization_code'),
    '"code" and the grant type "authorization_code" need one another',
  ],
  [
    'response_types',
    (client) => (answers(client, 'token') || answers(client, 'id_token')) && !grants(client, 'implicit'),
    '"token" and "id_token" need the grant type "implicit"',
  ],
  [
    'token_endpoint_auth_method',
    (client) => client.applicationType === 'browser' && client.tokenEndpointAuthMethod !== 'none',
    'must be "none" for a client in a browser, which cannot keep a secret',
  ],
  [
    'token_endpoint_auth_method',
    (client) => grants(client, 'client_credentials') && client.tokenEndpointAuthMethod === 'none',
    'must not be "none" for the grant type "client_credentials"',
  ],
  [
    'client_secret',
    (client) => client.secrets !== undefined && !usesSecret(client),
    'does not fit token_endpoint_auth_method',
  ],
  ['jwks', (client) => client.jwks !== undefined && client.jwksUri !== undefined, 'must not stand beside jwks_uri'],
  [
    'jwks',
    (client) => client.tokenEndpointAuthMethod === 'private_key_jwt' && !client.jwks && !client.jwksUri,
    'or jwks_uri is needed for "private_key_jwt"',
  ],
]

function checkTogether(client: ClientInput): void {
  const broken = rules.find(([, isBroken]) => isBroken(client))
  if (!broken) return
  const [member, , message] = broken
  throw errors.invalid_client_metadata({ message: `${member}: ${message}.`, details: { member } })
}
