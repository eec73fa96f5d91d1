import { z } from 'zod'
import { isLatchkeyError } from '../../platform/errors.ts'
import { parseFilter } from '../../platform/filter/index.ts'
import {
  type Client,
  type ClientField,
  type ClientId,
  type ClientInput,
  parseClientMetadata,
} from '../../records/clients/index.ts'
import { appStatuses } from './app-view.ts'
import { invalid } from './errors.ts'
import { limitUpTo } from './paging.ts'

const only = (value: string) => z.literal(value, `Only ${value} is supported`)

/** What of an app is ours to read; the client's own members are looked at by the room that knows their rules. */
export const appBody = z.object({
  name: only('oidc_client').optional(),
  signOnMode: only('OPENID_CONNECT'),
  label: z.string({ error: 'The field cannot be left blank' }).trim().min(1, 'The field cannot be left blank').max(100),
  credentials: z
    .object({
      oauthClient: z
        .object({
          client_id: z.string().max(100).optional(),
          client_secret: z.string().min(14, 'Must have 14 to 100 characters').max(100).optional(),
          token_endpoint_auth_method: z.string().optional(),
          pkce_required: z.boolean().optional(),
        })
        .optional(),
    })
    .optional(),
  settings: z.object({
    oauthClient: z.object({
      application_type: z.string().nullish(),
      client_uri: z.string().nullish(),
      logo_uri: z.string().nullish(),
      initiate_login_uri: z.string().nullish(),
      backchannel_logout_uri: z.string().nullish(),
      jwks_uri: z.string().nullish(),
      jwks: z.unknown().optional(),
      redirect_uris: z.unknown().optional(),
      post_logout_redirect_uris: z.unknown().optional(),
      grant_types: z.unknown().optional(),
      response_types: z.unknown().optional(),
      consent_method: z.enum(['REQUIRED', 'TRUSTED'], 'Must be REQUIRED or TRUSTED').nullish(),
      issuer_mode: z.enum(['ORG_URL', 'DYNAMIC'], 'Only ORG_URL and DYNAMIC are supported').nullish(),
      wildcard_redirect: only('DISABLED').nullish(),
    }),
  }),
})
export type AppBody = z.output<typeof appBody>

/**
 * Reads what a client is to be, by the rules that all registrations obey.
 *
 * @throws {LatchkeyError} `validation_failed` with the member
 */
export function toClientInput({ label, credentials, settings }: AppBody, status?: Client['status']): ClientInput {
  const { consent_method: consent, issuer_mode: _i, wildcard_redirect: _w, ...given } = settings.oauthClient
  const { pkce_required: pkce, ...own } = credentials?.oauthClient ?? {}
  const members = { ...given, ...own, client_name: label, require_pkce: pkce, status }
  const present = Object.entries(members).filter(([, value]) => value !== null && value !== undefined)
  try {
    return parseClientMetadata({
      ...Object.fromEntries(present),
      ...(consent && { consent: consent === 'REQUIRED' ? 'required' : 'trusted' }),
    })
  } catch (thrown) {
    if (!isLatchkeyError(thrown)) throw thrown
    const member = String(thrown.details.member ?? '').split('.')[0] || 'settings'
    throw invalid(member, thrown.message.startsWith(member) ? thrown.message : `${member}: ${thrown.message}`)
  }
}

const flag = z.enum(['true', 'false']).transform((text) => text === 'true')

export const createQuery = z.object({ activate: flag.default(true) })

export const appParams = z.object({
  id: z
    .string()
    .max(100)
    .transform((text) => text as ClientId),
})

export const listQuery = z
  .object({
    q: z.string().trim().min(1).max(200).optional(),
    filter: z
      .string()
      .transform((text) => parseFilter(text))
      .optional(),
    limit: limitUpTo(200).default(20),
    after: z.string().optional(),
  })
  .loose()

const fields: Readonly<Record<string, ClientField>> = {
  id: { field: 'id' },
  label: { field: 'name' },
  status: { field: 'status', names: appStatuses },
  name: { field: 'constant', value: 'oidc_client' },
  signOnMode: { field: 'constant', value: 'OPENID_CONNECT' },
}

export function appField(attribute: string): ClientField | undefined {
  return Object.hasOwn(fields, attribute) ? fields[attribute] : undefined
}
