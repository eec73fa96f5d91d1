import { describe, expect, it } from 'vitest'
import { capabilities } from './capabilities.ts'
import { signalAllAcceptedCredentials, signalCurrentUserDetails, signalUnknownCredential } from './signals.ts'
import { browserDouble } from './testing/browser-double.ts'

describe('What the browser can do', () => {
  it('keeps what is not reported apart from what is denied', async () => {
    const { environment } = browserDouble({
      getClientCapabilities: async () => ({ conditionalGet: true, conditionalCreate: false }),
    })
    expect(await capabilities(environment)).toMatchObject({
      webauthn: 'yes',
      conditionalGet: 'yes',
      conditionalCreate: 'no',
      hybridTransport: 'unknown',
      signalUnknownCredential: 'no',
    })
  })

  it('asks the older questions where there is no getClientCapabilities', async () => {
    const { environment } = browserDouble({
      isConditionalMediationAvailable: async () => true,
      isUserVerifyingPlatformAuthenticatorAvailable: () => Promise.reject(new Error('broken')),
    })
    expect(await capabilities(environment)).toMatchObject({
      conditionalGet: 'yes',
      userVerifyingPlatformAuthenticator: 'unknown',
      conditionalCreate: 'unknown',
    })
  })

  it('asks the browser once', async () => {
    let asked = 0
    const { environment } = browserDouble({
      getClientCapabilities: async () => {
        asked += 1
        return {}
      },
    })
    await Promise.all([capabilities(environment), capabilities(environment)])
    expect(asked).toBe(1)
  })

  it('says no to everything without WebAuthn or a secure context', async () => {
    const none = await capabilities(browserDouble({}, { publicKeyCredential: undefined }).environment)
    const insecure = await capabilities(browserDouble({}, { isSecureContext: false }).environment)
    expect(new Set([...Object.values(none), ...Object.values(insecure)])).toEqual(new Set(['no']))
  })
})

describe('Signals', () => {
  const unknown = { rpId: 'example.com', credentialId: 'AQID' }

  it('passes on what the server knows', async () => {
    const sent: unknown[] = []
    const keep = async (details: unknown) => void sent.push(details)
    const { environment } = browserDouble({
      signalUnknownCredential: keep,
      signalAllAcceptedCredentials: keep,
      signalCurrentUserDetails: keep,
    })
    const accepted = { rpId: 'example.com', userId: 'Bw', allAcceptedCredentialIds: ['AQID'] }
    const details = { rpId: 'example.com', userId: 'Bw', name: 'ada', displayName: 'Ada' }
    expect(await signalUnknownCredential(unknown, environment)).toBe(true)
    expect(await signalAllAcceptedCredentials(accepted, environment)).toBe(true)
    expect(await signalCurrentUserDetails(details, environment)).toBe(true)
    expect(sent).toEqual([unknown, accepted, details])
  })

  it('is false, and never an error, where the browser cannot or will not', async () => {
    const refusing = browserDouble({ signalUnknownCredential: () => Promise.reject(new TypeError('bad id')) })
    expect(await signalUnknownCredential(unknown, refusing.environment)).toBe(false)
    expect(await signalUnknownCredential(unknown, browserDouble().environment)).toBe(false)
    const none = browserDouble({}, { publicKeyCredential: undefined })
    expect(await signalUnknownCredential(unknown, none.environment)).toBe(false)
  })
})
