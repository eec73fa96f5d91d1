import { describe, expect, test } from 'vitest'
import { acrOf, amrOf, authTimeOf, mergeAuthentications, satisfiesAcr } from './assurance.ts'
import type { Authentication } from './session.ts'

const synced: Authentication = { method: 'passkey', at: 10, userVerified: true, deviceBound: false }
const bound: Authentication = { method: 'passkey', at: 10, userVerified: true, deviceBound: true }
const touched: Authentication = { method: 'passkey', at: 10, userVerified: false, deviceBound: true }
const password: Authentication = { method: 'password', at: 20 }
const code: Authentication = { method: 'email-code', at: 30 }
const federated: Authentication = { method: 'federated', at: 40, identityProvider: '0oa1' }

describe('RFC 8176 amr', () => {
  test.each<[string, Authentication[], string[]]>([
    ['a synced passkey with user verification', [synced], ['swk', 'mfa']],
    ['a device-bound passkey with user verification', [bound], ['hwk', 'mfa']],
    ['a passkey without user verification', [touched], ['hwk']],
    ['a password', [password], ['pwd']],
    ['a code by mail', [code], ['otp']],
    ['a password and a code by mail', [password, code], ['pwd', 'otp', 'mfa']],
    ['two proofs of possession', [touched, code], ['hwk', 'otp']],
    ['a passkey without user verification and a password', [touched, password], ['hwk', 'pwd', 'mfa']],
    ['a federated sign-in', [federated], []],
  ])('of %s', (_, authentications, names) => {
    expect(amrOf(authentications)).toEqual(names)
  })
})

describe('OpenID Connect acr', () => {
  test.each<[string, Authentication[], string]>([
    ['a device-bound passkey', [bound], 'phrh'],
    ['a synced passkey', [synced], 'phr'],
    ['a password and a code by mail', [password, code], 'urn:okta:loa:2fa:any'],
    ['a password', [password], 'urn:okta:loa:1fa:pwd'],
    ['a code by mail', [code], 'urn:okta:loa:1fa:any'],
    ['a federated sign-in', [federated], 'urn:okta:loa:1fa:any'],
  ])('of %s is the strongest that it reaches', (_, authentications, acr) => {
    expect(acrOf(authentications)).toBe(acr)
    expect(satisfiesAcr(authentications, acr)).toBe(true)
  })

  test.each<[string, Authentication[], string]>([
    ['phrh by a synced passkey', [synced], 'phrh'],
    ['phr by a password and a code', [password, code], 'phr'],
    ['two factors by two proofs of possession', [touched, code], 'urn:okta:loa:2fa:any'],
    ['a password by a passkey', [synced], 'urn:okta:loa:1fa:pwd'],
    ['a context that nobody has defined', [bound], 'urn:example:gold'],
    ['anything by nothing', [], 'urn:okta:loa:1fa:any'],
  ])('does not reach %s', (_, authentications, acr) => {
    expect(satisfiesAcr(authentications, acr)).toBe(false)
  })

  test('reaches two factors "if possible" by one', () => {
    expect(satisfiesAcr([password], 'urn:okta:loa:2fa:any:ifpossible')).toBe(true)
  })
})

describe('The authentications of a session', () => {
  test('say when the user last proved who they are', () => {
    expect(authTimeOf({ authentications: [code, synced, password] })).toBe(30)
  })

  test('keep the latest of each method, in the order of time', () => {
    const again = { ...password, at: 50 }
    expect(mergeAuthentications([password, code], [again, synced])).toEqual([synced, code, again])
    expect(mergeAuthentications([again], [password])).toEqual([again])
  })

  test('keep one for each identity provider', () => {
    const other: Authentication = { ...federated, identityProvider: '0oa2' }
    expect(mergeAuthentications([federated], [other])).toHaveLength(2)
  })
})
