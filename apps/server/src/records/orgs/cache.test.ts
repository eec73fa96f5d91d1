import { describe, expect, test } from 'vitest'
import { createOrgCache } from './cache.ts'
import { newOrgId } from './org.ts'

const org = { id: newOrgId(), version: 1 }

/** A load that counts how often it was asked. */
function counting<T>(answer: (call: number) => T) {
  const load = async () => {
    load.calls += 1
    return answer(load.calls)
  }
  load.calls = 0
  return load
}

describe('The org cache', () => {
  test('loads once for the same version, and once for all who ask at the same time', async () => {
    const cache = createOrgCache()
    const load = counting((call) => call)
    const values = await Promise.all([1, 2, 3].map(() => cache.get(org, 'keys', load)))
    expect([...values, await cache.get(org, 'keys', load)]).toEqual([1, 1, 1, 1])
    expect(load.calls).toBe(1)
  })

  test('loads again for a newer version, and gives the newer value to those who still know the older', async () => {
    const cache = createOrgCache()
    const load = counting((call) => call)
    await cache.get(org, 'keys', load)
    expect(await cache.get({ ...org, version: 2 }, 'keys', load)).toBe(2)
    expect(await cache.get(org, 'keys', load)).toBe(2)
  })

  test('keeps keys and orgs apart', async () => {
    const cache = createOrgCache()
    const answers = await Promise.all([
      cache.get(org, 'keys', async () => 'keys of one'),
      cache.get(org, 'policies', async () => 'policies of one'),
      cache.get({ ...org, id: newOrgId() }, 'keys', async () => 'keys of the other'),
    ])
    expect(answers).toEqual(['keys of one', 'policies of one', 'keys of the other'])
  })

  test('tells a failure to all who wait and does not remember it', async () => {
    const cache = createOrgCache()
    const load = counting((call) => {
      if (call === 1) throw new Error('database away')
      return call
    })
    const outcomes = await Promise.allSettled([cache.get(org, 'keys', load), cache.get(org, 'keys', load)])
    expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected'])
    expect(await cache.get(org, 'keys', load)).toBe(2)
  })

  test('a failure that comes late does not forget the newer value', async () => {
    const cache = createOrgCache()
    let fail = (_: Error) => {}
    const slow = cache.get(org, 'keys', () => new Promise((_, reject) => (fail = reject)))
    await cache.get({ ...org, version: 2 }, 'keys', async () => 'new')
    fail(new Error('late'))
    await expect(slow).rejects.toThrow('late')
    expect(await cache.get({ ...org, version: 2 }, 'keys', async () => 'loaded again')).toBe('new')
  })

  test('forgets what was used least recently when it is full', async () => {
    const cache = createOrgCache({ maxEntries: 2 })
    const load = counting((call) => call)
    await cache.get(org, 'a', load)
    await cache.get(org, 'b', load)
    await cache.get(org, 'a', load)
    await cache.get(org, 'c', load)
    expect(await cache.get(org, 'a', load)).toBe(1)
    expect(await cache.get(org, 'b', load)).toBe(4)
  })
})
