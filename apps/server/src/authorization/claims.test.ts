import { describe, expect, test } from 'vitest'
import type { ClaimRule } from '../records/authorization-servers/index.ts'
import type { DirectoryId } from '../records/directories/index.ts'
import { newUserId, type User } from '../records/users/index.ts'
import { claimsOfRules, claimsOfScopes, type Facts, factsNeeded } from './claims.ts'

const user: User = {
  id: newUserId(),
  directoryId: '0diTest' as DirectoryId,
  status: 'active',
  login: 'ada@example.com',
  profile: {
    login: 'ada@example.com',
    email: 'ada@example.com',
    firstName: 'Ada',
    lastName: 'Byron',
    nickName: '',
    primaryPhone: '+44 20 0000',
    city: 'London',
    department: 'Engines',
  },
  createdAt: 0,
  activatedAt: 0,
  statusChangedAt: 0,
  updatedAt: 1_700_000_000_999,
  lastLoginAt: null,
  passkeySnoozedUntil: null,
}
const facts: Facts = { user, isEmailVerified: true, groups: ['Everyone', 'Engineers', 'Engine drivers'] }

describe('OpenID Connect Core §5.4 claims of scopes', () => {
  test('openid alone tells nothing about the person', () => {
    expect(claimsOfScopes(['openid', 'offline_access'], facts)).toEqual({})
  })

  test('profile gives the name and what else is filled in, and no e-mail address', () => {
    expect(claimsOfScopes(['profile'], facts)).toEqual({
      name: 'Ada Byron',
      given_name: 'Ada',
      family_name: 'Byron',
      preferred_username: 'ada@example.com',
      updated_at: 1_700_000_000,
    })
  })

  test('email says whether the address was proven', () => {
    expect(claimsOfScopes(['email'], { ...facts, isEmailVerified: false })).toEqual({
      email: 'ada@example.com',
      email_verified: false,
    })
  })

  test('phone, address and groups have a scope each', () => {
    expect(claimsOfScopes(['phone', 'address', 'groups'], facts)).toEqual({
      phone_number: '+44 20 0000',
      address: { locality: 'London' },
      groups: ['Everyone', 'Engineers', 'Engine drivers'],
    })
  })

  test('groups are read only where a scope or a rule asks for them', () => {
    expect(factsNeeded(['openid', 'email'], [])).toEqual({ email: true, groups: false })
    const rule: ClaimRule = {
      name: 'g',
      token: 'id',
      value: { kind: 'groups', filter: { type: 'equals', value: 'x' } },
    }
    expect(factsNeeded(['openid'], [rule])).toEqual({ email: false, groups: true })
  })
})

describe("An authorization server's own claims", () => {
  const rule = (changes: Partial<ClaimRule>): ClaimRule => ({
    name: 'extra',
    token: 'access',
    value: { kind: 'static', value: 'yes' },
    ...changes,
  })
  const accessClaims = (changes: Partial<ClaimRule>, scopes = ['openid']) =>
    claimsOfRules([rule(changes)], 'access', scopes, facts)

  test('are static values, attributes of the profile or groups', () => {
    expect(accessClaims({})).toEqual({ extra: 'yes' })
    expect(accessClaims({ value: { kind: 'profile', attribute: 'department' } })).toEqual({ extra: 'Engines' })
    const filter = { type: 'starts_with', value: 'Engine' } as const
    expect(accessClaims({ value: { kind: 'groups', filter } })).toEqual({ extra: ['Engineers', 'Engine drivers'] })
  })

  test.each([
    ['starts_with', 'Engine', ['Engineers', 'Engine drivers']],
    ['equals', 'Everyone', ['Everyone']],
    ['contains', 'driver', ['Engine drivers']],
    ['regex', 'Engine', undefined],
    ['regex', 'E[a-z]+', ['Everyone', 'Engineers']],
  ] as const)('filter groups by %s %s', (type, value, expected) => {
    expect(accessClaims({ value: { kind: 'groups', filter: { type, value } } }).extra).toEqual(expected)
  })

  test('are left out where the profile has no value', () => {
    expect(accessClaims({ value: { kind: 'profile', attribute: 'nickName' } })).toEqual({})
    expect(accessClaims({ value: { kind: 'profile', attribute: 'toString' } })).toEqual({})
  })

  test('come only beside their scopes', () => {
    expect(accessClaims({ scopes: ['profile'] })).toEqual({})
    expect(accessClaims({ scopes: ['profile'] }, ['openid', 'profile'])).toEqual({ extra: 'yes' })
  })

  test('go into the token that they are for', () => {
    const forId = rule({ token: 'id' })
    expect(claimsOfRules([forId], 'access', [], facts)).toEqual({})
    expect(claimsOfRules([forId], 'id', [], facts)).toEqual({ extra: 'yes' })
    expect(claimsOfRules([rule({})], 'userinfo', [], facts)).toEqual({})
  })

  test('that are not always there spare the ID token and are fetched from userinfo', () => {
    const lazy = rule({ token: 'id', always: false })
    expect(claimsOfRules([lazy], 'id', [], facts)).toEqual({})
    expect(claimsOfRules([lazy], 'userinfo', [], facts)).toEqual({ extra: 'yes' })
  })

  test.each(['sub', 'iss', 'aud', 'jti', 'cid', 'scp', 'nonce', 'amr'])('never speak for the server: %s', (name) => {
    expect(accessClaims({ name })).toEqual({})
  })
})
