import { describe, expect, test } from 'vitest'
import { defaultSettings } from './authorization-server.ts'
import { isSafePattern } from './patterns.ts'
import { parseAuthorizationServer } from './schema.ts'

const claim = { name: 'team', token: 'access', value: { kind: 'profile', attribute: 'team' } }
const groups = (value: string) => ({
  name: 'groups',
  token: 'id',
  value: { kind: 'groups', filter: { type: 'regex', value } },
})

describe('An authorization server as an operator writes it', () => {
  test('gets what it leaves out', () => {
    expect(parseAuthorizationServer({ name: 'Shop' })).toEqual({
      name: 'Shop',
      description: '',
      status: 'active',
      audiences: [],
      scopes: [],
      claims: [],
      settings: defaultSettings,
    })
  })

  test('is read in full', () => {
    const full = {
      id: 'shop',
      name: 'Shop',
      description: 'For the shop',
      status: 'inactive',
      audiences: ['api://shop'],
      scopes: [{ name: 'orders:read', description: 'See orders', consent: 'required', isDefault: true }],
      claims: [
        { ...claim, scopes: ['orders:read'], always: false },
        { name: 'plan', token: 'id', value: { kind: 'static', value: { tier: ['gold', 1, null, true] } } },
        groups('team-.*'),
      ],
      settings: { ...defaultSettings, accessTokenLifetimeMs: 600_000 },
    }
    expect(parseAuthorizationServer(full)).toEqual(full)
  })

  test.each<[member: string, server: Record<string, unknown>]>([
    ['name', {}],
    ['id', { id: 'a/b' }],
    ['audiences.0', { audiences: ['with space'] }],
    ['scopes.0.name', { scopes: [{ name: 'two words' }] }],
    ['scopes', { scopes: [{ name: 'a' }, { name: 'a' }] }],
    ['claims', { claims: [claim, claim] }],
    ['claims.0.name', { claims: [{ ...claim, name: 'sub' }] }],
    ['claims.0.name', { claims: [{ ...claim, name: 'iss', token: 'id' }] }],
    ['claims.0.value', { claims: [{ ...claim, value: { kind: 'expression', value: 'user.team' } }] }],
    ['claims.0.value.filter.value', { claims: [groups('(a+)+')] }],
    ['settings.codeLifetimeMs', { settings: { codeLifetimeMs: 3_600_000 } }],
    ['settings.signingAlgorithm', { settings: { signingAlgorithm: 'none' } }],
    ['settings', { settings: { lifetime: 1 } }],
  ])('is refused by the path of the mistake: %s %j', (member, server) => {
    const input = member === 'name' ? server : { name: 'Shop', ...server }
    expect(() => parseAuthorizationServer(input)).toThrow(
      expect.objectContaining({
        code: 'authorization_server_invalid',
        details: { member: expect.stringContaining(member) },
      }),
    )
  })
})

describe('A regular expression for group names', () => {
  test.each(['team-.*', '[a-z]+', 'a|b|c', '(?:red|blue)-team', '(a|b)', 'x{2,4}', '\\d+-\\w+', 'a\\+b', '[)*+]x'])(
    '%s is safe',
    (pattern) => {
      expect(isSafePattern(pattern)).toBe(true)
    },
  )

  test.each([
    ['is not one', '('],
    ['escapes what has no meaning', '\\q'],
    ['repeats a group', '(a+)+'],
    ['repeats alternatives', '(?:a|a)*'],
    ['repeats a group by numbers', '(a){2,30}'],
    ['refers back', '(a)\\1'],
    ['refers back by name', '(?<x>a)\\k<x>'],
    ['looks ahead', '(?=a+)a'],
    ['looks behind', '(?<!a)b'],
    ['has many quantifiers', 'a?a?a?a?a?'],
    ['is long', 'a'.repeat(201)],
  ])('is refused when it %s', (_, pattern) => {
    expect(isSafePattern(pattern)).toBe(false)
  })

  test('takes milliseconds at its worst', () => {
    const worst = new RegExp(`^(?:${'.*.*.*.*x'})$`, 'u')
    expect(isSafePattern('.*.*.*.*x')).toBe(true)
    const started = performance.now()
    expect(worst.test('a'.repeat(100))).toBe(false)
    expect(performance.now() - started).toBeLessThan(2_000)
  })
})
