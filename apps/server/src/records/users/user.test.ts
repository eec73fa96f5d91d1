import { describe, expect, test } from 'vitest'
import { canSignIn, displayName, newUserId, type UserStatus, userHandleOf } from './user.ts'

test.each<[UserStatus, boolean]>([
  ['staged', false],
  ['provisioned', true],
  ['active', true],
  ['recovery', true],
  ['password_expired', true],
  ['locked_out', false],
  ['suspended', false],
  ['deactivated', false],
])('A user who is %s may sign in: %s', (status, may) => {
  expect(canSignIn(status)).toBe(may)
})

describe('The name on a page', () => {
  const profile = { login: 'ada', email: 'ada@example.com' }
  test.each([
    [{ displayName: 'Countess', firstName: 'Ada' }, 'Countess'],
    [{ firstName: 'Ada', lastName: 'Lovelace' }, 'Ada Lovelace'],
    [{ firstName: 'Ada' }, 'Ada'],
    [{ lastName: 'Lovelace' }, 'Lovelace'],
    [{ displayName: ' ', firstName: '' }, 'ada'],
    [{}, 'ada'],
  ])('of %j is %j', (names, shown) => {
    expect(displayName({ login: 'ada', profile: { ...profile, ...names } })).toBe(shown)
  })
})

test('The user handle is 15 bytes whose base64url is the user’s id', () => {
  const id = newUserId()
  const bytes = Buffer.from(userHandleOf(id), 'base64url')
  expect(bytes).toHaveLength(15)
  expect(bytes.toString('base64url')).toBe(id)
})
