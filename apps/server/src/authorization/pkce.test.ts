import { describe, expect, test } from 'vitest'
import { isPkceChallenge, verifyPkce } from './pkce.ts'

const verifier = 'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk'
const challenge = 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM'
const codeOf = (work: () => void) => {
  try {
    work()
    return 'accepted'
  } catch (thrown) {
    return Reflect.get(Object(thrown), 'code')
  }
}

describe('RFC 7636 PKCE', () => {
  test('accepts the pair of Appendix B', () => {
    expect(codeOf(() => verifyPkce(challenge, verifier))).toBe('accepted')
  })

  test.each([
    ['is missing', challenge, undefined, 'pkce_verifier_missing'],
    ['comes although no challenge was sent', undefined, verifier, 'pkce_verifier_unexpected'],
    ['is another', challenge, `${verifier.slice(0, -1)}l`, 'pkce_verification_failed'],
    ['is shorter than 43 characters', challenge, verifier.slice(0, 42), 'pkce_verification_failed'],
    ['is longer than 128 characters', challenge, 'a'.repeat(129), 'pkce_verification_failed'],
    ['is the challenge itself, as the plain method would have it', challenge, challenge, 'pkce_verification_failed'],
  ])('refuses when the verifier %s', (_, sent, presented, reason) => {
    expect(codeOf(() => verifyPkce(sent, presented))).toBe(reason)
  })

  test('asks for nothing where no challenge was sent', () => {
    expect(codeOf(() => verifyPkce(undefined, undefined))).toBe('accepted')
  })

  test.each([
    ['43 characters of base64url', challenge, true],
    ['a character less', challenge.slice(1), false],
    ['a character more', `${challenge}A`, false],
    ['padding', `${challenge.slice(1)}=`, false],
    ['bits that no 32 bytes have', `${challenge.slice(0, -1)}N`, false],
    ['the alphabet of plain base64', challenge.replace('-', '+'), false],
  ])('knows a challenge: %s', (_, text, isChallenge) => {
    expect(isPkceChallenge(text)).toBe(isChallenge)
  })
})
