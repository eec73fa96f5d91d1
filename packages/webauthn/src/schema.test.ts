import { describe, expect, it } from 'vitest'
import { CeremonyError, parseAuthenticationResponse, parseRegistrationResponse } from './index.ts'

const bytes = Buffer.from([0xfb, 0xff, 0xfe, 0x01])
const base64url = bytes.toString('base64url')
const response = { clientDataJSON: base64url, authenticatorData: base64url, signature: base64url }
const assertion = { id: base64url, rawId: base64url, type: 'public-key', clientExtensionResults: {}, response }
const attestation = { ...assertion, response: { clientDataJSON: base64url, attestationObject: base64url } }

const code = (parse: () => unknown) => {
  try {
    parse()
    return 'accepted'
  } catch (error) {
    return error instanceof CeremonyError ? error.code : 'crash'
  }
}
const sized = (length: number) => Buffer.alloc(length).toString('base64url')

describe('Responses at the wall', () => {
  it('may be written in base64 or base64url, padded or not, and come out as base64url', () => {
    for (const text of ['+//+AQ==', '+//+AQ', '-__-AQ==', '-__-AQ']) {
      const parsed = parseAuthenticationResponse({ ...assertion, id: text, rawId: text })
      expect(parsed).toMatchObject({ id: base64url, rawId: base64url })
    }
  })

  it('are refused in any other alphabet, length or padding', () => {
    for (const id of ['a', 'AA=A', '====', 'AAA==', 'AA==A', 'AA AA', 'ÄÄÄÄ', 'AA\n', '', '.']) {
      expect([id, code(() => parseAuthenticationResponse({ ...assertion, id, rawId: id }))]).toEqual([
        id,
        'response_malformed',
      ])
    }
  })

  it('may leave out rawId, but not contradict it', () => {
    const { rawId, ...rest } = assertion
    expect(parseAuthenticationResponse(rest).rawId).toBe(rawId)
    expect(code(() => parseAuthenticationResponse({ ...assertion, rawId: 'AAAA' }))).toBe('response_malformed')
  })

  it('have an absent user handle when it is empty or null', () => {
    for (const userHandle of ['', null, undefined]) {
      expect(parseAuthenticationResponse({ ...assertion, response: { ...response, userHandle } }).response).toEqual(
        response,
      )
    }
    const named = { ...assertion, response: { ...response, userHandle: 'AAAA' } }
    expect(parseAuthenticationResponse(named).response.userHandle).toBe('AAAA')
  })

  it('are refused when they are no object at all', () => {
    for (const input of [undefined, null, 7, 'text', [], () => {}]) {
      expect(code(() => parseAuthenticationResponse(input))).toBe('response_malformed')
      expect(code(() => parseRegistrationResponse(input))).toBe('response_malformed')
    }
  })

  it('have limits', () => {
    const assertionWith = (part: object) =>
      code(() => parseAuthenticationResponse({ ...assertion, response: { ...response, ...part } }))
    const longId = (length: number) =>
      code(() => parseAuthenticationResponse({ ...assertion, id: sized(length), rawId: sized(length) }))
    expect(longId(1023)).toBe('accepted')
    expect(longId(1024)).toBe('response_malformed')
    expect(assertionWith({ clientDataJSON: sized(65_536) })).toBe('accepted')
    expect(assertionWith({ clientDataJSON: sized(65_537) })).toBe('response_malformed')
    expect(assertionWith({ clientDataJSON: sized(1_000_000) })).toBe('response_malformed')
    expect(assertionWith({ userHandle: sized(64) })).toBe('accepted')
    expect(assertionWith({ userHandle: sized(65) })).toBe('response_malformed')
    expect(assertionWith({ signature: sized(20_000) })).toBe('response_malformed')
  })

  it('name transports once each, and nothing else', () => {
    const withTransports = (transports: unknown) => ({
      ...attestation,
      response: { ...attestation.response, transports },
    })
    expect(parseRegistrationResponse(withTransports(['usb', 'nfc', 'usb'])).response.transports).toEqual(['usb', 'nfc'])
    expect(parseRegistrationResponse(attestation).response.transports).toEqual([])
    for (const transports of ['usb', [7], ['<script>'], Array.from({ length: 17 }, () => 'usb'), {}]) {
      expect(code(() => parseRegistrationResponse(withTransports(transports)))).toBe('response_malformed')
    }
  })

  it('keep an attachment that is known, and drop one that is not', () => {
    const parsed = (authenticatorAttachment: unknown) =>
      parseRegistrationResponse({ ...attestation, authenticatorAttachment })
    expect(parsed('cross-platform').authenticatorAttachment).toBe('cross-platform')
    expect(parsed('other')).not.toHaveProperty('authenticatorAttachment')
    expect(parsed(null)).not.toHaveProperty('authenticatorAttachment')
  })
})
