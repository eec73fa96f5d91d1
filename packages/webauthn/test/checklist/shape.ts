import { expect } from 'vitest'
import { createAuthenticator } from '../../src/testing/index.ts'
import { authenticate, inner, type Json, origin, outer, register, registrationOptions } from '../kit.ts'
import { type Checks, refused } from './check.ts'

type Attempt = (json: (json: Json) => unknown) => Promise<unknown>

/** Cases F-1 to F-11: what both kinds of response have. */
function envelopeCases(attempt: Attempt): Checks {
  const shape = (edit: (json: Json) => unknown) => refused('response_malformed', () => attempt(edit))
  return {
    'F-1': shape(outer('id', undefined)),
    'F-2': shape(outer('id', 7)),
    'F-3': shape(outer('id', 'not base64url!')),
    'F-4': shape(outer('type', undefined)),
    'F-5': shape(outer('type', 7)),
    'F-6': shape(outer('type', 'private-key')),
    'F-7': shape(outer('response', undefined)),
    'F-8': shape(outer('response', 'text')),
    'F-9': shape(inner('clientDataJSON', undefined)),
    'F-10': shape(inner('clientDataJSON', 7)),
    'F-11': shape(inner('clientDataJSON', '')),
  }
}

const registration: Attempt = (json) => register({ json })
const authentication: Attempt = (json) => authenticate({ json })
const missing = (attempt: Attempt, name: string, value: unknown) =>
  refused('response_malformed', () => attempt(inner(name, value)))

export const registrationShape: Checks = {
  ...envelopeCases(registration),
  'P-1': async () => {
    const { credential } = await register({ device: { attestation: 'packed-x5c' } })
    expect(credential.attestation).toEqual({ format: 'packed', type: 'basic', trusted: false })
    const next = registrationOptions({ excludeCredentials: [credential] })
    expect(next.excludeCredentials).toEqual([{ type: 'public-key', id: credential.id, transports: ['internal'] }])
    const authenticator = createAuthenticator()
    const again = authenticator.create(registrationOptions(), { origin })
    const excluded = registrationOptions({ excludeCredentials: [again] })
    expect(() => authenticator.create(excluded, { origin })).toThrow('already holds')
  },
  'F-12': missing(registration, 'attestationObject', undefined),
  'F-13': missing(registration, 'attestationObject', 7),
  'F-14': missing(registration, 'attestationObject', ''),
  'F-15': refused('user_not_verified', () =>
    register({ device: { userVerified: false }, ceremony: { userVerification: 'required' } }),
  ),
}

export const authenticationShape: Checks = {
  ...envelopeCases(authentication),
  'P-1': async () => expect((await authenticate()).signals).toEqual([]),
  'F-12': missing(authentication, 'authenticatorData', undefined),
  'F-13': missing(authentication, 'authenticatorData', 7),
  'F-14': missing(authentication, 'authenticatorData', 'not base64url!'),
  'F-15': refused('authenticator_data_malformed', () => authentication(inner('authenticatorData', ''))),
  'F-16': missing(authentication, 'signature', undefined),
  'F-17': missing(authentication, 'signature', 7),
  'F-18': missing(authentication, 'signature', 'not base64url!'),
  'F-19': refused('signature_invalid', () => authentication(inner('signature', ''))),
  'F-20': refused('signature_invalid', () =>
    authentication(inner('signature', Buffer.alloc(70, 1).toString('base64url'))),
  ),
  'F-21': missing(authentication, 'userHandle', 7),
}
