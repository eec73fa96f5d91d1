import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { MountedRoute } from '../platform/http/index.ts'
import { describeEachHouse } from '../testing/each-database.ts'
import { openHouse, type TestHouse } from '../testing/index.ts'
import { attack } from './testing/attack.ts'
import { openTarget, type Target } from './testing/target.ts'

/** More than thirty hostile requests for each of some fifty routes. */
const timeout = 120_000

// In development mode, so that its pages are attacked too.
const development = { config: { mode: 'dev' } } as const

describeEachHouse(
  'Bad input',
  (house) => {
    test('is refused by every route in the shape of its audience, and changes nothing', { timeout }, async () => {
      const target = await openTarget(await house().newOrg({ hasKeys: true }))
      const routes = house().routes()
      const findings: string[] = []
      for (const route of routes) findings.push(...(await attack(route, target)))
      expect(findings).toEqual([])
      expect(routes.map(({ url }) => url)).toEqual(
        expect.arrayContaining(['/account', '/oauth2/v1/token', '/dev/mail']),
      )
    })
  },
  development,
)

describe('A route that is mounted later and takes bad input badly', () => {
  let house: TestHouse
  let target: Target
  let reads: number
  beforeAll(async () => {
    house = await openHouse(development)
    reads = 0
    house.app.post('/new/throws', async () => {
      throw new Error('nobody thought of this')
    })
    house.app.post('/new/throws-in-depth', async (request) => {
      const { name } = Object(request.body) as { name?: string }
      return { name: name?.toUpperCase() }
    })
    house.app.post('/new/accepts-anything', async () => ({ ok: true }))
    house.app.put('/new/put-accepts-anything', async () => ({ ok: true }))
    house.app.get('/new/:id/as-text', async (_request, reply) => reply.status(400).send('no'))
    house.app.get('/new/for-strangers', { config: { audience: 'strangers' } }, async () => ({ ok: true }))
    house.app.get('/new/framed', async (_request, reply) => reply.header('x-frame-options', 'ALLOWALL').send('hello'))
    house.app.get('/new/writes', async () => {
      reads += 1
      await target.org.person({ email: `written-${reads}@example.com` })
      return { ok: true }
    })
    target = await openTarget(await house.ownOrg())
  })
  afterAll(() => house?.close())

  const attackOn = async (url: string) => {
    const route = house.routes().find((known): known is MountedRoute => known.url === url)
    return route ? (await attack(route, target)).join('\n') : 'not found'
  }

  test.each([
    ['/new/throws', /500 internal/],
    ['/new/throws-in-depth', /JSON nested deeply in each member: 500 internal/],
    ['/new/accepts-anything', /body: JSON null: 200: taken as good/],
    ['/new/put-accepts-anything', /^PUT .*body: JSON null: 200: taken as good/m],
    ['/new/:id/as-text', /400: taken as good/],
    ['/new/for-strangers', /unknown audience strangers/],
    ['/new/framed', /without x-frame-options/],
    ['/new/writes', /\/new\/writes changed address, .*person/],
  ])('is found by the same attack: %s', { timeout }, async (url, finding) => {
    expect(await attackOn(url)).toMatch(finding)
  })
})
