import { expect, test } from 'vitest'
import { eachOf, median, percentile } from './measure.ts'

test('A percentile is one of the values, and nothing has none', () => {
  const values = Array.from({ length: 200 }, (_, index) => 200 - index)
  expect(median([5, 1, 3])).toBe(3)
  expect(percentile(values, 0.99)).toBe(199)
  expect(percentile([7], 0.99)).toBe(7)
  expect(() => median([])).toThrow('nothing was measured')
})

test('A list is worked through once, by so many at a time and no more', async () => {
  const done: number[] = []
  let running = 0
  let most = 0
  await eachOf([1, 2, 3, 4, 5, 6, 7], 3, async (input) => {
    running += 1
    most = Math.max(most, running)
    await new Promise((resolve) => setImmediate(resolve))
    done.push(input)
    running -= 1
  })
  expect(done.toSorted()).toEqual([1, 2, 3, 4, 5, 6, 7])
  expect(most).toBe(3)
})
