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
  /** The contexts that the client asked for; the first that was reached is told to it. */
  contexts: z.array(z.string()).optional(),
})

export type AuthorizationRequest = z.output<typeof authorizationRequest>
