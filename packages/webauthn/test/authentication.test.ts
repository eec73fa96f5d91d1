import { describe, expect, it } from 'vitest'
import { createAuthenticationOptions, verifyAuthentication } from '../src/index.ts'
import { createAuthenticator, encodeCbor } from '../src/testing/index.ts'
import { authenticate, ceremonyFor, expectRefusal, origin, register, rpId } from './kit.ts'

describe('WebAuthn §7.2 Verifying an authentication assertion', () => {
  for (const algorithm of ['ES256', 'EdDSA', 'RS256'] as const) {
    it(`accepts ${algorithm}, and returns the credential as it is now`, async () => {
      const result = await authenticate({ device: { algorithm, counter: 4 } })
      expect(result).toMatchObject({ userVerified: true, signals: [], attachment: 'platform' })
      expect(result.credential).toMatchObject({ signCount: 5, backupState: true, uvInitialized: true })
    })
  }

  it('reports a counter that went backwards, and keeps what was received', async () => {
    const { signals, credential } = await authenticate({ device: { counter: 9 }, get: { counter: 3 } })
    expect(signals).toEqual(['counter_regressed'])
    expect(credential.signCount).toBe(3)
  })

  it('reports a counter that stood still or fell to zero, but not one that was always zero', async () => {
    expect((await authenticate({ device: { counter: 9 }, get: { counter: 9 } })).signals).toEqual(['counter_regressed'])
    expect((await authenticate({ device: { counter: 9 }, get: { counter: 0 } })).signals).toEqual(['counter_regressed'])
    expect((await authenticate({ counter: 'refuse' })).signals).toEqual([])
  })

  it('reports a change of the backup state in both directions', async () => {
    const gained = await authenticate({ device: { backupState: false }, get: { flags: { backupState: true } } })
    expect(gained).toMatchObject({ signals: ['backup_state_changed'], credential: { backupState: true } })
    const lost = await authenticate({ get: { flags: { backupState: false } } })
    expect(lost).toMatchObject({ signals: ['backup_state_changed'], credential: { backupState: false } })
  })

  it('refuses a credential that became eligible for backup', async () => {
    const get = { flags: { backupEligible: true } }
    await expectRefusal(authenticate({ device: { backupEligible: false }, get }), 'backup_eligibility_changed')
  })

  it('reports the first user verification, and never forgets it', async () => {
    const registration = { create: { flags: { userVerified: false } } }
    const first = await authenticate({ registration })
    expect(first).toMatchObject({ signals: ['user_verification_initialized'], credential: { uvInitialized: true } })
    const later = await authenticate({ get: { flags: { userVerified: false } } })
    expect(later).toMatchObject({ userVerified: false, signals: [], credential: { uvInitialized: true } })
  })

  it('refuses a conditional ceremony without user presence: only a create may lack it', async () => {
    const attempt = authenticate({ ceremony: { conditional: true }, get: { flags: { userPresent: false } } })
    await expectRefusal(attempt, 'user_not_present')
  })

  it('drops outputs of extensions that were not asked for', async () => {
    const extensionData = encodeCbor(
      new Map([
        ['asked', new Map([['inner', true]])],
        ['unasked', new Map()],
      ]),
    )
    const clientExtensionResults = { asked: 1, unasked: 2 }
    const { extensions } = await authenticate({
      get: { extensionData, clientExtensionResults },
      ceremony: { extensions: ['asked'] },
    })
    expect(extensions).toEqual({ client: { asked: 1 }, authenticator: { asked: { inner: true } } })
  })
})

describe('Whose credential it is', () => {
  it('accepts a usernameless sign-in that names its user', async () => {
    await expect(authenticate({ usernameless: true })).resolves.toMatchObject({ signals: [] })
  })

  it('refuses a usernameless sign-in without a user handle', async () => {
    for (const handle of ['', null]) {
      await expectRefusal(authenticate({ usernameless: true, get: { userHandle: handle } }), 'user_handle_missing')
    }
  })

  it('accepts a credential that is not discoverable for a user that was known', async () => {
    const authenticator = createAuthenticator()
    const { credential } = await register({ authenticator, options: { residentKey: 'discouraged' } })
    expect(credential.discoverable).toBe(false)
    const options = createAuthenticationOptions({ rpId, allowCredentials: [credential] })
    const response = authenticator.get(options, { origin })
    expect(response.response.userHandle).toBeUndefined()
    const ceremony = ceremonyFor(options, { allowCredentials: [credential.id] })
    await expect(verifyAuthentication({ response, ceremony, credential })).resolves.toMatchObject({ signals: [] })
  })

  it('refuses a credential of somebody else, whoever the response claims to be', async () => {
    await expectRefusal(authenticate({ credential: { userHandle: 'AAAA' } }), 'user_handle_mismatch')
    const asTheOther = { credential: { userHandle: 'AAAA' }, get: { userHandle: 'AAAA' } }
    await expectRefusal(authenticate(asTheOther), 'user_handle_mismatch')
  })
})

describe('Frames', () => {
  const topOrigin = 'https://example.com'
  const framed = { crossOrigin: true, topOrigin }

  it('are accepted by name', async () => {
    const ceremony = { topOrigins: [topOrigin] }
    await expect(authenticate({ get: framed, ceremony })).resolves.toMatchObject({ signals: [] })
  })

  it('are refused without an allow-list, with or without a top origin', async () => {
    await expectRefusal(authenticate({ get: framed }), 'cross_origin_not_allowed')
    await expectRefusal(authenticate({ get: { crossOrigin: true } }), 'cross_origin_not_allowed')
    const ceremony = { allowUnknownTopOrigin: true }
    await expectRefusal(authenticate({ get: { crossOrigin: true }, ceremony }), 'cross_origin_not_allowed')
  })

  it('are refused without a top origin, unless that is allowed in so many words', async () => {
    const ceremony = { topOrigins: [topOrigin] }
    const get = { crossOrigin: true }
    await expectRefusal(authenticate({ get, ceremony }), 'top_origin_not_allowed')
    const lenient = { ...ceremony, allowUnknownTopOrigin: true }
    await expect(authenticate({ get, ceremony: lenient })).resolves.toMatchObject({ signals: [] })
    await expectRefusal(
      authenticate({ get: { ...framed, topOrigin: 'https://evil.example' }, ceremony: lenient }),
      'top_origin_not_allowed',
    )
  })

  it('are refused when a top origin comes without crossOrigin', async () => {
    await expectRefusal(
      authenticate({ get: { topOrigin }, ceremony: { topOrigins: [topOrigin] } }),
      'top_origin_not_allowed',
    )
  })
})
