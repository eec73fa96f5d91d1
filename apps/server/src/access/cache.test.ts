import { describe, expect, test, vi } from 'vitest'
import { databases } from '../platform/database/testing.ts'
import type { ClientId } from '../records/clients/index.ts'
import { createClock, openHouse, openOrg, type TestHouse } from '../testing/index.ts'

for (const database of databases) {
  const declare = database.isAvailable ? describe : describe.skip
  declare(`What is cached of an org (${database.name})`, () => {
    /** Two processes on one database. */
    const twoHouses = async <T>(work: (one: TestHouse, other: TestHouse) => Promise<T>) => {
      const address = await database.create()
      const secretKeys = ['one secret key for both of the processes'] as const
      const options = { database: address, config: { secretKeys }, clock: createClock() }
      const one = await openHouse(options)
      const other = await openHouse(options)
      try {
        return await work(one, other)
      } finally {
        await one.close()
        await other.close()
      }
    }

    test('is seen at the next request when another process changes it', async () => {
      await twoHouses(async (one, other) => {
        const here = await one.newOrg()
        const there = await openOrg(other, here.id)
        expect((await here.browser().open('/sign-in')).text).toContain('/switch')
        await there.policy('profile', { signUp: 'closed' })
        expect((await here.browser().open('/sign-in')).text).not.toContain('/switch')
      })
    })

    test('serves a sign-in that two processes share, half and half', async () => {
      await twoHouses(async (one, other) => {
        const here = await one.newOrg()
        const there = await openOrg(other, here.id)
        const { email, id } = await here.person()
        const first = here.browser()
        const second = there.browser()
        await first.open('/sign-in')
        for (const [name, value] of first.cookies) second.cookies.set(name, value)
        await second.open(first.at.path)
        await second.submit('/identify', { identifier: email })
        await first.open(second.at.path)
        await first.submit('/select', { step: 'code' })
        await first.submit('/send-code')
        await second.open(first.at.path)
        await second.submit('/code', { code: await here.code(email) })
        for (const [name, value] of second.cookies) first.cookies.set(name, value)
        await first.open(second.at.path)
        await first.submit('/skip')
        expect(first.at.path).toBe('/account')
        expect(await there.events({ types: ['session.started'] })).toMatchObject([{ userId: id }])
      })
    })

    test('keeps nothing under a name that no client can have', async () => {
      await twoHouses(async (one) => {
        const org = await one.newOrg()
        const current = await org.current()
        const reads = vi.spyOn(one.ground.db, 'selectFrom')
        expect(await one.cache.client(current, 'x'.repeat(101) as ClientId)).toBeUndefined()
        expect(reads).not.toHaveBeenCalled()
        expect(await one.cache.client(current, 'x'.repeat(100) as ClientId)).toBeUndefined()
        expect(reads).toHaveBeenCalledWith('client')
      })
    })

    test('is read once for each version of the org', async () => {
      await twoHouses(async (one) => {
        const org = await one.newOrg()
        const current = await org.current()
        const policies = await one.cache.policies(current)
        expect(await one.cache.policies(current)).toBe(policies)
        await org.policy('profile', { signUp: 'closed' })
        expect(await one.cache.policies(await org.current())).not.toBe(policies)
      })
    })
  })
}
