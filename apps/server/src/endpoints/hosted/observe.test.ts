import { expect, test } from 'vitest'
import { minute } from '../../platform/clock.ts'
import { countObservations } from '../../records/observations/index.ts'
import { describeEachHouse } from '../../testing/each-database.ts'
import type { TestOrg } from '../../testing/index.ts'

describeEachHouse('What a page tells of itself', (house) => {
  const opened = async (org: TestOrg, ip: string) => {
    const browser = org.browser({ ip })
    await browser.open('/sign-in')
    return async (observation: object = { name: 'started', surface: 'button' }) =>
      (await browser.json(`${browser.at.path}/observe`, observation)).status
  }
  const kept = async (org: TestOrg) => {
    const counts = await countObservations(house().ground.db, org.id, { since: 0 })
    return counts.reduce((sum, { count }) => sum + count, 0)
  }

  test('is counted up to a measure that no person reaches, and answered alike beyond it', async () => {
    const org = await house().newOrg()
    const [tell, neighbour, stranger] = [
      await opened(org, '2001:db8:1:2::1'),
      await opened(org, '2001:db8:1:2::2'),
      await opened(org, '2001:db8:1:3::1'),
    ]
    for (let index = 0; index < 125; index += 1) expect(await tell()).toBe(204)
    expect(await kept(org)).toBe(120)
    expect(await neighbour()).toBe(204)
    expect(await kept(org)).toBe(120)
    await stranger()
    expect(await kept(org)).toBe(121)
    house().clock.advance(minute)
    await tell()
    expect(await kept(org)).toBe(122)
  })

  test('is counted although its sign-in ended while it was on its way', async () => {
    const org = await house().newOrg()
    const tell = await opened(org, '192.0.2.7')
    house().clock.advance(31 * minute)
    expect(await tell({ name: 'completed', surface: 'button' })).toBe(204)
    expect(await kept(org)).toBe(1)
  })

  test('is refused when it is more than a browser has to say', async () => {
    const tell = await opened(await house().newOrg(), '192.0.2.1')
    const capabilities = (count: number) =>
      Object.fromEntries(Array.from({ length: count }, (_, index) => [`extension:${index}`, true]))
    const told = (count: number) => ({ name: 'prompt_shown', surface: 'button', capabilities: capabilities(count) })
    expect(await tell(told(100))).toBe(204)
    expect(await tell(told(101))).toBe(400)
  })
})
