import { afterAll, beforeAll, describe } from 'vitest'
import { databases } from '../platform/database/testing.ts'
import { openHouse, type TestHouse, type TestHouseOptions } from './house.ts'

/**
 * Declares the same tests in a house on each engine. One house serves them all: give each test an org of its own.
 *
 * @example
 * describeEachHouse('The dispatcher', (house) => {
 *   test('asks who it is first', async () => {
 *     const org = await house().newOrg()
 *   })
 * })
 */
export function describeEachHouse(
  title: string,
  tests: (house: () => TestHouse, engine: 'sqlite' | 'postgres') => void,
  options: Omit<TestHouseOptions, 'database'> = {},
): void {
  for (const database of databases) {
    const declare = database.isAvailable ? describe : describe.skip
    declare(`${title} (${database.name})`, () => {
      let house: TestHouse | undefined
      beforeAll(async () => {
        house = await openHouse({ ...options, database: await database.create() })
      })
      afterAll(() => house?.close())
      const opened = () => {
        if (!house) throw new Error('The house is open only while a test runs')
        return house
      }
      tests(opened, database.name)
    })
  }
}
