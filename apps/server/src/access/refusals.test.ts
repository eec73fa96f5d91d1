import { expect, test } from 'vitest'
import { minute } from '../platform/clock.ts'
import { describeEachHouse } from '../testing/each-database.ts'
import type { TestOrg } from '../testing/index.ts'

describeEachHouse('Refusals', (house) => {
  const refuse = async (org: TestOrg, ip?: string) =>
    await org.browser(ip === undefined ? {} : { ip }).post('/sign-out', { csrf: 'x' })

  test('are recorded under the event of their route, with the reason and where they came from', async () => {
    const org = await house().newOrg()
    const answer = await refuse(org, '198.51.100.1')
    expect(answer.status).toBe(303)
    expect(await org.events({ types: ['request.refused'] })).toMatchObject([
      {
        outcome: 'FAILURE',
        reason: 'not_signed_in',
        userId: null,
        context: { ip: '198.51.100.1', requestId: answer.header('x-request-id') },
        details: { route: '/sign-out' },
      },
    ])
  })

  test('of one address are recorded a hundred and twenty times a minute, those of others all the same', async () => {
    const org = await house().newOrg()
    const count = async () => (await org.events({ types: ['request.refused'] })).length
    for (let index = 0; index < 125; index += 1) await refuse(org, '198.51.100.2')
    expect(await count()).toBe(120)
    await refuse(org, '198.51.100.3')
    expect(await count()).toBe(121)
    house().clock.advance(minute)
    await refuse(org, '198.51.100.2')
    expect(await count()).toBe(122)
  })

  test('of nobody in particular are not recorded: what is not there, and what no org was asked', async () => {
    const org = await house().newOrg()
    const before = await org.events()
    await org.browser().open('/nothing')
    await org.browser().request('GET', '/', { headers: { host: 'evil.example' } })
    expect(await org.events()).toEqual(before)
  })
})
