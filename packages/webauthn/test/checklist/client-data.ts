import { authenticate, register } from '../kit.ts'
import { type Checks, refused } from './check.ts'

type Edit = (clientData: Record<string, unknown>) => Record<string, unknown>
const setTo =
  (name: string, value: unknown): Edit =>
  (clientData) => ({ ...clientData, [name]: value })

/** The same seventeen cases for registration and authentication. */
function cases(attempt: (edit: Edit) => Promise<unknown>, otherType: string): Checks {
  const malformed = (name: string, value: unknown) =>
    refused('client_data_malformed', () => attempt(setTo(name, value)))
  const wrongType = (value: unknown) => refused('type_mismatch', () => attempt(setTo('type', value)))
  const wrongChallenge = (value: unknown) => refused('challenge_mismatch', () => attempt(setTo('challenge', value)))
  const wrongOrigin = (value: unknown) => refused('origin_not_allowed', () => attempt(setTo('origin', value)))
  const binding = (value: unknown) => refused('token_binding_malformed', () => attempt(setTo('tokenBinding', value)))
  return {
    'F-1': wrongType(undefined),
    'F-2': malformed('type', 7),
    'F-3': wrongType(''),
    'F-4': wrongType('webauthn.something'),
    'F-5': wrongType(otherType),
    'F-6': wrongChallenge(undefined),
    'F-7': malformed('challenge', 7),
    'F-8': wrongChallenge(''),
    'F-9': malformed('challenge', 'not base64url!'),
    'F-10': wrongChallenge(Buffer.alloc(32).toString('base64url')),
    'F-11': wrongOrigin(undefined),
    'F-12': malformed('origin', 7),
    'F-13': wrongOrigin(''),
    'F-14': wrongOrigin('https://example.com'),
    'F-15': malformed('tokenBinding', 'present'),
    'F-16': binding({ id: 'AA' }),
    'F-17': binding({ status: 'perhaps' }),
  }
}

export const registrationClientData = cases((clientData) => register({ create: { clientData } }), 'webauthn.get')
export const authenticationClientData = cases((clientData) => authenticate({ get: { clientData } }), 'webauthn.create')
