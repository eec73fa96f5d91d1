import { beforeAll, describe, expect, test } from 'vitest'
import { day } from '../../platform/clock.ts'
import { recordEvent, recordRefusal, sequenceEvents } from '../../records/events/index.ts'
import { describeEachHouse } from '../../testing/each-database.ts'
import type { Person, TestOrg } from '../../testing/index.ts'
import { type Answer, type Caller, issueToken, openCaller } from './testing.ts'

type LogEvent = { uuid: string; eventType: string; published: string; [member: string]: unknown }

describeEachHouse('The System Log', (house) => {
  let org: TestOrg
  let api: Caller
  let ada: Person
  let startedAt: number
  beforeAll(async () => {
    org = await house().newOrg()
    api = await openCaller(org)
    ada = await org.person({ email: 'ada@example.com' })
    startedAt = house().clock() + 1_000
    const { db } = house().ground
    const context = { requestId: 'req1', ip: '192.0.2.7', userAgent: 'Mozilla/5.0 (Macintosh) Chrome/1 Safari/1' }
    const about = { userId: ada.id, context }
    await recordEvent(db, org.id, 'session.started', { at: startedAt, ...about, details: { sessionId: '102abc' } })
    await recordEvent(db, org.id, 'org.updated', { at: startedAt + 1_000 })
    await recordRefusal(db, org.id, 'password.refused', { at: startedAt + 2_000, reason: 'password_wrong', ...about })
    await recordEvent(db, org.id, 'token.issued', { at: startedAt + 3_000, clientId: 'no-such-client' })
    house().clock.advance(5_000)
    await api.call('POST', `/api/v1/users/${ada.id}/lifecycle/suspend`)
    house().clock.advance(1_000)
    await api.call('POST', `/api/v1/users/${ada.id}/lifecycle/unsuspend`)
    house().clock.advance(1_000)
    await api.call('POST', `/api/v1/users/${ada.id}/lifecycle/deactivate`)
    // What other tests record does not fall into the span that these ask for.
    house().clock.advance(60_000)
    await number()
  })
  const number = async () => {
    while ((await sequenceEvents(house().ground.db, { limit: 100 })) > 0);
  }
  const ask = (parameters: Record<string, string>) =>
    api.call<LogEvent[]>('GET', `/api/v1/logs?${new URLSearchParams(parameters)}`)
  const iso = (at: number) => new Date(at).toISOString()
  const span = () => ({ since: iso(startedAt), until: iso(house().clock()) })
  const types = ({ body }: Answer<LogEvent[]>) => body.map(({ eventType }) => eventType)
  const everything = [
    'user.session.start',
    'user.authentication.verify',
    'app.oauth2.as.token.grant',
    'user.lifecycle.suspend',
    'user.lifecycle.unsuspend',
    'user.lifecycle.deactivate',
  ]

  test('answers the printed request', async () => {
    const filter = 'eventType eq "user.lifecycle.deactivate"'
    const { status, body } = await ask({ filter })
    expect(status).toBe(200)
    expect(body).toMatchObject([{ eventType: 'user.lifecycle.deactivate', target: [{ id: ada.id, type: 'User' }] }])
  })

  test('shows an event whole, with null where there is nothing', async () => {
    const { body } = await ask({ ...span(), limit: '1' })
    const party = { id: ada.id, type: 'User', alternateId: 'ada@example.com', displayName: 'ada@example.com' }
    expect(body).toEqual([
      {
        uuid: expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}$/),
        published: iso(startedAt),
        eventType: 'user.session.start',
        version: '0',
        severity: 'INFO',
        legacyEventType: null,
        displayMessage: 'A user signed in and a session began.',
        actor: { ...party, detailEntry: null },
        client: {
          userAgent: { rawUserAgent: 'Mozilla/5.0 (Macintosh) Chrome/1 Safari/1', os: 'Mac', browser: 'CHROME' },
          zone: null,
          device: 'Computer',
          id: null,
          ipAddress: '192.0.2.7',
          geographicalContext: null,
        },
        device: null,
        authenticationContext: {
          authenticationProvider: null,
          credentialProvider: null,
          credentialType: null,
          issuer: null,
          interface: null,
          authenticationStep: 0,
          externalSessionId: '102abc',
          rootSessionId: '102abc',
        },
        outcome: { result: 'SUCCESS', reason: null },
        target: [{ ...party, detailEntry: null }],
        transaction: { type: 'WEB', id: 'req1', detail: {} },
        debugContext: { debugData: { sessionId: '102abc', requestId: 'req1' } },
        request: { ipChain: [{ ip: '192.0.2.7', geographicalContext: null, version: 'V4', source: null }] },
        securityContext: { asNumber: null, asOrg: null, isp: null, domain: null, isProxy: null },
      },
    ])
  })

  test('names who did it: the token, or the administrator whose token it is', async () => {
    const admin = await org.person({ email: 'root@example.com', role: 'admin' })
    const own = await openCaller(org, await issueToken(org, { userId: admin.id }))
    const eve = await org.person({ email: 'eve@example.com' })
    await own.call('POST', `/api/v1/users/${eve.id}/lifecycle/suspend`)
    const byToken = await ask({ ...span(), filter: 'eventType eq "user.lifecycle.deactivate"' })
    expect(byToken.body[0]?.actor).toMatchObject({ type: 'SystemPrincipal', displayName: 'CI' })
    const filter = `actor.id eq "${admin.id}" and target.id eq "${eve.id}"`
    house().clock.advance(1)
    const { body } = await ask({ since: iso(startedAt), until: iso(house().clock()), filter })
    expect(body).toMatchObject([
      { eventType: 'user.lifecycle.suspend', actor: { type: 'User', alternateId: 'root@example.com' } },
    ])
  })

  test('names those who are gone as the event did', async () => {
    const gone = await org.person({ email: 'gone@example.com' })
    await api.call('DELETE', `/api/v1/users/${gone.id}`)
    await api.call('DELETE', `/api/v1/users/${gone.id}`)
    house().clock.advance(1)
    const filter = `target.id eq "${gone.id}" and eventType sw "user.lifecycle.delete"`
    const { body } = await ask({ since: iso(startedAt), until: iso(house().clock()), filter })
    expect(body).toMatchObject([{ target: [{ alternateId: 'gone@example.com', displayName: 'gone@example.com' }] }])
  })

  describe('between two times', () => {
    let bounded: { since: string; until: string }
    beforeAll(() => {
      bounded = { since: iso(startedAt), until: iso(startedAt + 7_000) }
    })

    test('holds what Okta has a type for, in order, and ends', async () => {
      const answer = await ask(bounded)
      expect(types(answer)).toEqual(everything)
      expect(answer.links.next).toBeUndefined()
      expect(answer.links.self).toContain('/api/v1/logs?since=')
      expect(types(await ask({ ...bounded, sortOrder: 'DESCENDING' }))).toEqual(everything.toReversed())
    })

    test.each(['ASCENDING', 'DESCENDING'])('comes page by page, %s', async (sortOrder) => {
      const pages: string[][] = []
      let answer = await ask({ ...bounded, sortOrder, limit: '4' })
      pages.push(types(answer))
      while (answer.links.next) {
        answer = await api.call<LogEvent[]>('GET', answer.links.next)
        pages.push(types(answer))
      }
      const all = sortOrder === 'ASCENDING' ? everything : everything.toReversed()
      expect(pages).toEqual([all.slice(0, 4), all.slice(4)])
    })

    test('has no page after one that is exactly full', async () => {
      expect((await ask({ ...bounded, limit: '6' })).links.next).toBeUndefined()
    })

    test('begins seven days ago where nothing is said', async () => {
      expect(types(await ask({ sortOrder: 'DESCENDING', until: iso(startedAt + 7_000) }))).toContain(
        'user.session.start',
      )
      const later = await ask({ until: iso(startedAt + 8 * day) })
      expect(types(later)).toEqual([])
    })
  })

  describe('filter', () => {
    test.each<[string, number[]]>([
      ['eventType eq "user.session.start" or eventType eq "user.lifecycle.suspend"', [0, 3]],
      ['eventType sw "user.lifecycle." and not (eventType co "unsuspend")', [3, 5]],
      ['outcome.result eq "FAILURE"', [1]],
      ['outcome.result ne "SUCCESS" and outcome.reason eq "password_wrong"', [1]],
      ['severity eq "WARN"', [1]],
      ['client.ipAddress eq "192.0.2.7"', [0, 1]],
      ['client.userAgent.os pr and target.type eq "AppInstance"', [2]],
      ['target.id eq "no-such-client" and actor.type eq "PublicClientApp"', [2]],
      ['actor.type eq "SystemPrincipal"', [3, 4, 5]],
      ['transaction.id eq "req1" AND debugContext.debugData.sessionId pr', [0]],
      ['actor.constructor pr or target.__proto__ pr', []],
      [`displayMessage co "${'\\'.repeat(44)}"`, []],
      ['eventType eq "nothing.of.the.kind"', []],
    ])('%s', async (filter, places) => {
      const until = iso(startedAt + 7_000)
      expect(types(await ask({ since: iso(startedAt), until, filter }))).toEqual(places.map((at) => everything[at]))
    })

    test('compares times as times', async () => {
      const [from, to] = [iso(startedAt + 4_000).replace('Z', '+0000'), iso(startedAt + 5_000)]
      const filter = `published ge "${from}" and published lt "${to}"`
      const found = await ask({ since: iso(startedAt), until: iso(startedAt + 7_000), filter })
      expect(types(found)).toEqual(['user.lifecycle.suspend'])
    })
  })

  test.each([
    ['DEACTIVATED', ['user.lifecycle.deactivate']],
    ['ada@example.com 192.0.2.7', ['user.session.start', 'user.authentication.verify']],
    ['password_wrong', ['user.authentication.verify']],
    ['alternateId', []],
    ['%', []],
  ])('q=%s finds what holds every word', async (q, found) => {
    expect(types(await ask({ since: iso(startedAt), until: iso(startedAt + 7_000), q }))).toEqual(found)
  })

  describe('to those who follow it', () => {
    test('always has a next page, and passes nothing over', async () => {
      const { db, now } = house().ground
      const own = await house().newOrg()
      const follower = await openCaller(own)
      await number()
      let answer = await follower.call<LogEvent[]>('GET', '/api/v1/logs')
      expect(types(answer)).toEqual(['system.org.lifecycle.create'])
      const record = (at: number) => recordEvent(db, own.id, 'user.created', { at, userId: `user-${at}` })
      const next = async () => {
        expect(answer.links.next).toMatch(new RegExp(`^${own.url}/api/v1/logs\\?`))
        answer = await follower.call<LogEvent[]>('GET', answer.links.next ?? '')
        return answer.body.map((event) => JSON.stringify(event.target).match(/user-\d+/)?.[0])
      }
      expect(await next()).toEqual([])
      const at = now()
      await record(at + 5)
      await number()
      expect(await next()).toEqual([`user-${at + 5}`])
      // It happened before the last one, and its transaction took longer.
      await record(at + 1)
      await record(at + 9)
      expect(await next()).toEqual([])
      await number()
      expect(await next()).toEqual([`user-${at + 1}`, `user-${at + 9}`])
      expect(await next()).toEqual([])
    })

    test('comes page by page and goes on behind what a filter left out', async () => {
      const filter = 'eventType sw "user.lifecycle"'
      const parameters = new URLSearchParams({ since: iso(startedAt), limit: '2', filter })
      const seen: string[] = []
      let path = `/api/v1/logs?${parameters}`
      for (let page = 0; page < 10; page += 1) {
        const answer = await api.call<LogEvent[]>('GET', path)
        expect(answer.body.length).toBeLessThanOrEqual(2)
        seen.push(...types(answer))
        path = answer.links.next ?? ''
      }
      expect(seen.slice(0, 3)).toEqual(everything.slice(3))
      expect(seen.filter((type) => type === 'user.lifecycle.unsuspend')).toHaveLength(1)
    })

    test('waits for events to be numbered', async () => {
      const own = await house().newOrg()
      const follower = await openCaller(own)
      const { db, now } = house().ground
      await number()
      await recordEvent(db, own.id, 'user.created', { at: now() })
      const first = await follower.call<LogEvent[]>('GET', '/api/v1/logs')
      expect(types(first)).toEqual(['system.org.lifecycle.create'])
      await number()
      const second = await follower.call<LogEvent[]>('GET', first.links.next ?? '')
      expect(types(second)).toEqual(['user.lifecycle.create'])
    })
  })

  describe('refuses', () => {
    const deep = `${'('.repeat(1_000)}eventType pr${')'.repeat(1_000)}`
    test.each<[Record<string, string>, string, string]>([
      [{ filter: 'eventType' }, 'filter_malformed', 'E0000053'],
      [{ filter: deep }, 'filter_too_complex', 'E0000053'],
      [{ filter: `eventType eq "${'\\'.repeat(43)}"` }, 'filter_malformed', 'E0000053'],
      [{ filter: 'password eq "x"' }, 'filter_attribute_unknown', 'E0000031'],
      [{ filter: '__proto__.x pr' }, 'filter_attribute_unknown', 'E0000031'],
      [{ filter: 'constructor pr' }, 'filter_attribute_unknown', 'E0000031'],
      [{ filter: 'eventType eq "none" and nothing pr' }, 'filter_attribute_unknown', 'E0000031'],
      [{ filter: 'published gt 5' }, 'filter_value_mistyped', 'E0000031'],
      [{ filter: 'securityContext.isProxy gt true' }, 'filter_operator_unsupported', 'E0000031'],
      [{ since: 'yesterday' }, 'date_invalid', 'E0000030'],
      [{ until: '2026-99-01' }, 'date_invalid', 'E0000030'],
      [{ since: '2026-01-02', until: '2026-01-01' }, 'validation_failed', 'E0000001'],
      [{ limit: '0' }, 'validation_failed', 'E0000001'],
      [{ sortOrder: 'SIDEWAYS' }, 'validation_failed', 'E0000001'],
      [{ q: 'a '.repeat(11) }, 'validation_failed', 'E0000001'],
      [{ q: 'a'.repeat(41) }, 'validation_failed', 'E0000001'],
      [{ after: 'x' }, 'cursor_invalid', 'E0000029'],
      [{ after: '1.x' }, 'cursor_invalid', 'E0000029'],
      [{ after: 's1', until: '2026-01-01' }, 'cursor_invalid', 'E0000029'],
    ])('%j', async (parameters, reason, errorCode) => {
      const answer = await api.call('GET', `/api/v1/logs?${new URLSearchParams(parameters)}`)
      expect(answer).toMatchObject({ status: 400, reason, body: { errorCode } })
    })
  })

  test('of another org is not in this one', async () => {
    const other = await openCaller(await house().newOrg())
    await number()
    const { body } = await other.call<LogEvent[]>('GET', `/api/v1/logs?since=${iso(startedAt)}`)
    expect(JSON.stringify(body)).not.toContain(ada.id)
  })
})
