import { describe, expect, it } from 'vitest'
import { createAuthenticationOptions, createRegistrationOptions, defaultAlgorithms, newChallenge } from './index.ts'

const rp = { id: 'example.org', name: 'Example' }
const user = { id: 'AAECAwQFBgcICQoLDA0O', name: 'ada', displayName: 'Ada' }

describe('Registration options', () => {
  it('ask for a discoverable credential, no attestation, and give people five minutes', () => {
    expect(createRegistrationOptions({ rp, user })).toEqual({
      rp,
      user,
      challenge: expect.stringMatching(/^[A-Za-z0-9_-]{43}$/),
      pubKeyCredParams: defaultAlgorithms.map((alg) => ({ type: 'public-key', alg })),
      timeout: 300_000,
      excludeCredentials: [],
      authenticatorSelection: { residentKey: 'required', requireResidentKey: true, userVerification: 'preferred' },
      hints: [],
      attestation: 'none',
      attestationFormats: [],
      extensions: { credProps: true },
    })
  })

  it('say with an attachment what hints say, for browsers that know no hints', () => {
    const attachmentOf = (...hints: ('security-key' | 'client-device' | 'hybrid')[]) =>
      createRegistrationOptions({ rp, user, hints }).authenticatorSelection.authenticatorAttachment
    expect(attachmentOf('client-device')).toBe('platform')
    expect(attachmentOf('security-key', 'hybrid')).toBe('cross-platform')
    expect(attachmentOf('client-device', 'hybrid')).toBeUndefined()
    const chosen = createRegistrationOptions({ rp, user, hints: ['hybrid'], attachment: 'platform' })
    expect(chosen.authenticatorSelection.authenticatorAttachment).toBe('platform')
  })

  it('leave out transports that are not known', () => {
    const excludeCredentials = [{ id: 'AAAA', transports: ['usb'] }, { id: 'AAAB', transports: [] }, { id: 'AAAC' }]
    expect(createRegistrationOptions({ rp, user, excludeCredentials }).excludeCredentials).toEqual([
      { type: 'public-key', id: 'AAAA', transports: ['usb'] },
      { type: 'public-key', id: 'AAAB' },
      { type: 'public-key', id: 'AAAC' },
    ])
  })

  it('refuse what WebAuthn does not allow', () => {
    const handle = (length: number) => ({ ...user, id: Buffer.alloc(length).toString('base64url') })
    const challenge = (length: number) => Buffer.alloc(length).toString('base64url')
    expect(() => createRegistrationOptions({ rp, user: handle(0) })).toThrow(TypeError)
    expect(() => createRegistrationOptions({ rp, user: handle(65) })).toThrow(TypeError)
    expect(() => createRegistrationOptions({ rp, user: { ...user, id: 'ada@example.org' } })).toThrow(TypeError)
    expect(() => createRegistrationOptions({ rp, user, challenge: challenge(15) })).toThrow(TypeError)
    expect(() => createRegistrationOptions({ rp, user, challenge: challenge(65) })).toThrow(TypeError)
    expect(() => createRegistrationOptions({ rp, user, timeout: 600_001 })).toThrow(TypeError)
    expect(() => createRegistrationOptions({ rp, user, timeout: 0 })).toThrow(TypeError)
    expect(
      createRegistrationOptions({ rp, user: handle(64), challenge: challenge(64), timeout: 600_000 }).timeout,
    ).toBe(600_000)
  })
})

describe('Authentication options', () => {
  it('ask for any discoverable credential', () => {
    expect(createAuthenticationOptions({ rpId: rp.id })).toEqual({
      challenge: expect.stringMatching(/^[A-Za-z0-9_-]{43}$/),
      timeout: 300_000,
      rpId: 'example.org',
      allowCredentials: [],
      userVerification: 'preferred',
      hints: [],
      extensions: {},
    })
  })

  it('carry hints and a given challenge', () => {
    const challenge = newChallenge()
    const options = createAuthenticationOptions({ rpId: rp.id, challenge, hints: ['security-key'] })
    expect(options).toMatchObject({ challenge, hints: ['security-key'] })
  })
})
