import { beforeAll, describe, expect, test } from 'vitest'
import { describeEachHouse } from '../../testing/each-database.ts'
import type { TestOrg } from '../../testing/index.ts'
import { type Answer, type Caller, openCaller } from './testing.ts'

type User = { id: string; status: string; profile: Record<string, unknown>; _links: object }

const people = [
  { firstName: 'Ada', lastName: 'Byron', nickName: 'The "Countess"', city: 'London' },
  { firstName: 'Bob', lastName: 'Adams', nickName: 'back\\slash', city: 'london' },
  { firstName: 'Eve', lastName: '%', city: "O'Hara" },
  { firstName: 'Gus', lastName: 'Gone', city: 'Ur' },
  { firstName: 'Sue', lastName: 'Byron-Staged', city: 'Ur' },
]

describeEachHouse('Lists of users', (house) => {
  let org: TestOrg
  let api: Caller
  const users: User[] = []
  beforeAll(async () => {
    org = await house().newOrg()
    api = await openCaller(org)
    users.length = 0
    for (const profile of people) {
      house().clock.advance(60_000)
      const login = `${profile.firstName}@example.com`
      const query = profile.firstName === 'Sue' ? '?activate=false' : ''
      const body = {
        profile: { ...profile, login, email: login },
        credentials: { password: { value: 'A'.repeat(12) } },
      }
      users.push((await api.call<User>('POST', `/api/v1/users${query}`, body)).body)
    }
    await api.call('POST', `/api/v1/users/${users[3]?.id}/lifecycle/deactivate`)
    await api.call('POST', `/api/v1/users/${users[1]?.id}/lifecycle/suspend`)
  })
  const ask = (parameters: Record<string, string>) =>
    api.call<User[]>('GET', `/api/v1/users?${new URLSearchParams(parameters)}`)
  const names = async (parameters: Record<string, string>) => {
    const { status, body } = await ask(parameters)
    return status === 200 ? body.map(({ profile }) => profile.firstName).join(' ') : body
  }
  const pagesOf = async (path: string) => {
    const pages: string[] = []
    let next: string | undefined = path
    while (next) {
      const answer: Answer<User[]> = await api.call<User[]>('GET', next)
      pages.push(answer.body.map(({ profile }) => String(profile.firstName)).join(' '))
      next = answer.links.next
    }
    return pages
  }

  test('hold everyone who is not deactivated, with a link to themselves alone', async () => {
    const { body, links } = await ask({})
    expect(body.map(({ profile }) => profile.firstName)).toEqual(['Ada', 'Bob', 'Eve', 'Sue'])
    expect(body[0]?._links).toEqual({ self: { href: `${org.url}/api/v1/users/${users[0]?.id}` } })
    expect(links).toEqual({ self: `${org.url}/api/v1/users` })
  })

  test('come page by page, the last one without a next', async () => {
    expect(await pagesOf('/api/v1/users?limit=2')).toEqual(['Ada Bob', 'Eve Sue'])
    expect(await pagesOf('/api/v1/users?limit=3')).toEqual(['Ada Bob Eve', 'Sue'])
    const filter = 'status eq "ACTIVE" OR status eq "STAGED"'
    expect(await pagesOf(`/api/v1/users?limit=2&${new URLSearchParams({ filter })}`)).toEqual(['Ada Eve', 'Sue'])
  })

  test('link to absolute addresses that say what was asked', async () => {
    const { links } = await ask({ limit: '1', search: 'profile.city eq "Ur" or profile.city co "o"' })
    const next = new URL(links.next ?? '')
    expect(next.origin + next.pathname).toBe(`${org.url}/api/v1/users`)
    expect(next.searchParams.get('search')).toBe('profile.city eq "Ur" or profile.city co "o"')
    expect(next.searchParams.get('limit')).toBe('1')
  })

  test('go on where a page ended, even if its last user is gone', async () => {
    const first = await ask({ limit: '1' })
    house().clock.advance(1)
    const { body: extra } = await api.call<User>('POST', '/api/v1/users', {
      profile: { firstName: 'Zoe', login: 'zoe@example.com', email: 'zoe@example.com' },
    })
    const before = await api.call<User[]>('GET', `/api/v1/users?limit=4`)
    await api.call('DELETE', `/api/v1/users/${extra.id}`)
    await api.call('DELETE', `/api/v1/users/${extra.id}`)
    const next = await api.call<User[]>('GET', first.links.next ?? '')
    expect(next.body.map(({ profile }) => profile.firstName)).toEqual(['Bob'])
    expect((await api.call<User[]>('GET', before.links.next ?? '')).body).toEqual([])
  })

  describe('q', () => {
    test.each([
      ['ad', 'Ada Bob'],
      ['BYRON', 'Ada Sue'],
      ['eve@example', 'Eve'],
      ['%', 'Eve'],
      ['_', ''],
      ['gus', ''],
    ])('%s', async (q, found) => {
      expect(await names({ q })).toBe(found)
    })

    test('has one page of ten, unless told otherwise', async () => {
      expect((await ask({ q: 'ad', limit: '1' })).links.next).toBeUndefined()
    })
  })

  describe('filter', () => {
    test.each([
      ['status eq "ACTIVE"', 'Ada Eve'],
      ['status eq "SUSPENDED" or status eq "DEPROVISIONED"', 'Bob Gus'],
      ['profile.login eq "Ada@example.com"', 'Ada'],
      ['profile.login eq "ada@example.com"', ''],
      ['profile.firstName eq "Ada" AND profile.lastName eq "Byron"', 'Ada'],
      ['lastUpdated gt "2000-01-01T00:00:00.000Z" and (status eq "ACTIVE")', 'Ada Eve'],
      ['lastUpdated lt "2000-01-01T00:00:00.000Z"', ''],
    ])('%s', async (filter, found) => {
      expect(await names({ filter })).toBe(found)
    })
  })

  describe('search', () => {
    test.each([
      ['profile.city eq "LONDON"', 'Ada Bob'],
      ['profile.nickName pr', 'Ada Bob'],
      [String.raw`profile.nickName eq "the \"countess\""`, 'Ada'],
      [String.raw`profile.nickName co "\\"`, 'Bob'],
      ['profile.lastName sw "byron" and not (status eq "STAGED")', 'Ada'],
      ['status lt "DEPROVISIONED" or status gt "DEPROVISIONED"', 'Ada Bob Eve Sue'],
      ['status eq "DEPROVISIONED"', 'Gus'],
      [`profile.city eq "O'Hara"`, 'Eve'],
      ['activated pr and created gt "2000-01-01"', 'Ada Bob Eve Gus'],
      ['profile.firstName ne "Ada" and status ne "DEPROVISIONED"', 'Bob Eve Sue'],
    ])('%s', async (search, found) => {
      expect(await names({ search })).toBe(found)
    })
  })

  describe('are sorted', () => {
    const sorted = (sortBy: string, sortOrder: string) =>
      pagesOf(`/api/v1/users?${new URLSearchParams({ search: 'status pr', sortBy, sortOrder, limit: '2' })}`)

    test.each([
      ['profile.lastName', 'asc', ['Eve Bob', 'Ada Sue', 'Gus']],
      ['profile.lastName', 'desc', ['Gus Sue', 'Ada Bob', 'Eve']],
      ['created', 'desc', ['Sue Gus', 'Eve Bob', 'Ada']],
    ])('by %s, %s, page by page', async (sortBy, sortOrder, expected) => {
      expect(await sorted(sortBy, sortOrder)).toEqual(expected)
    })

    test('with those alike in the order of their ids, and each of them once', async () => {
      const pages = (await sorted('profile.city', 'asc')).join(' ').split(' ')
      expect([pages.slice(0, 2).toSorted(), pages[2], pages.slice(3).toSorted()]).toEqual([
        ['Ada', 'Bob'],
        'Eve',
        ['Gus', 'Sue'],
      ])
      const nobodyHas = (await sorted('profile.middleName', 'desc')).join(' ').split(' ')
      expect(nobodyHas.toSorted()).toEqual(['Ada', 'Bob', 'Eve', 'Gus', 'Sue'])
    })
  })

  describe('refuse what they do not mean', () => {
    const deep = `${'('.repeat(1_000)}status eq "ACTIVE"${')'.repeat(1_000)}`
    test.each<[Record<string, string>, string, string]>([
      [{ filter: 'status' }, 'filter_malformed', 'E0000053'],
      [{ filter: '' }, 'filter_malformed', 'E0000053'],
      [{ filter: deep }, 'filter_too_complex', 'E0000053'],
      [{ search: deep }, 'filter_too_complex', 'E0000053'],
      [{ filter: `profile.login eq "${'\\'.repeat(44)}` }, 'filter_malformed', 'E0000053'],
      [{ filter: `profile.login eq "${'\\'.repeat(45)}"` }, 'filter_malformed', 'E0000053'],
      [{ search: 'profile.login eq "a" or 1=1' }, 'filter_malformed', 'E0000053'],
      [{ search: `profile.login eq "a"; drop table person` }, 'filter_malformed', 'E0000053'],
      [{ filter: 'profile.city eq "Ur"' }, 'filter_attribute_unknown', 'E0000031'],
      [{ filter: 'password eq "x"' }, 'filter_attribute_unknown', 'E0000031'],
      [{ search: 'constructor pr' }, 'filter_attribute_unknown', 'E0000031'],
      [{ search: '__proto__ pr' }, 'filter_attribute_unknown', 'E0000031'],
      [{ search: 'toString eq "a"' }, 'filter_attribute_unknown', 'E0000031'],
      [{ search: 'profile pr' }, 'filter_attribute_unknown', 'E0000031'],
      [{ search: 'profile.a.b pr' }, 'filter_attribute_unknown', 'E0000031'],
      [{ search: 'profile.$ pr' }, 'filter_attribute_unknown', 'E0000031'],
      [{ search: 'org_id eq "default"' }, 'filter_attribute_unknown', 'E0000031'],
      [{ filter: 'profile.login sw "a"' }, 'filter_operator_unsupported', 'E0000031'],
      [{ filter: 'status eq 1' }, 'filter_value_mistyped', 'E0000031'],
      [{ filter: 'lastUpdated gt "soon"' }, 'filter_value_mistyped', 'E0000031'],
      [{ search: 'created eq true' }, 'filter_value_mistyped', 'E0000031'],
      [{ search: 'status pr', filter: 'status eq "ACTIVE"' }, 'search_conflict', 'E0000033'],
      [{ limit: '-1' }, 'validation_failed', 'E0000001'],
      [{ limit: '0' }, 'validation_failed', 'E0000001'],
      [{ limit: '1e3' }, 'validation_failed', 'E0000001'],
      [{ limit: '9'.repeat(20) }, 'validation_failed', 'E0000001'],
      [{ after: '../..' }, 'cursor_invalid', 'E0000029'],
      [{ after: 'ZZ.x' }, 'cursor_invalid', 'E0000029'],
      [{ after: "1.' or 1=1" }, 'cursor_invalid', 'E0000029'],
      [{ after: '' }, 'cursor_invalid', 'E0000029'],
      [{ search: 'status pr', sortBy: 'password' }, 'validation_failed', 'E0000001'],
      [{ search: 'status pr', sortBy: 'constructor' }, 'validation_failed', 'E0000001'],
      [{ search: 'status pr', sortBy: 'profile.x"y' }, 'validation_failed', 'E0000001'],
      [{ search: 'status pr', sortBy: 'id', sortOrder: 'up' }, 'validation_failed', 'E0000001'],
      [{ search: 'status pr', sortBy: 'id', after: '1.x' }, 'cursor_invalid', 'E0000029'],
    ])('%j', async (parameters, reason, errorCode) => {
      expect(await ask(parameters)).toMatchObject({ status: 400, reason, body: { errorCode } })
    })

    test('44 backslashes are nobody', async () => {
      expect(await names({ filter: `profile.login eq "${'\\'.repeat(44)}"` })).toBe('')
      expect(await names({ search: `profile.login co "${'\\'.repeat(44)}"` })).toBe('')
    })

    test('prototype names in a profile are nobody', async () => {
      expect(await names({ search: 'profile.constructor pr or profile.toString pr' })).toBe('')
    })
  })
})
