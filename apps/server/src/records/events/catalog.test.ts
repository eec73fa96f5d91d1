import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { catalog } from './catalog.ts'
import { isEventName } from './event.ts'

const oracle = join(import.meta.dirname, '../../../../../../shared/oracles/okta/event-types.txt')
const entries = Object.entries(catalog)

test('Every event is named thing.happened', () => {
  const misnamed = Object.keys(catalog).filter((name) => !/^[a-z]+(-[a-z]+)*\.[a-z]+(-[a-z]+)*$/.test(name))
  expect(misnamed).toEqual([])
})

test('Every event is described by a sentence', () => {
  expect(entries.filter(([, { description }]) => !/^[A-Z].*\.$/.test(description))).toEqual([])
})

test('Only what is in the catalogue is a name', () => {
  expect(isEventName('session.started')).toBe(true)
  expect(isEventName('session.begun')).toBe(false)
  expect(isEventName('constructor')).toBe(false)
})

test.skipIf(!existsSync(oracle))('Every Okta type is one that Okta publishes (needs ../shared/oracles/okta)', () => {
  const published = new Set(readFileSync(oracle, 'utf8').split('\n'))
  expect(entries.filter(([, { okta }]) => okta !== null && !published.has(okta))).toEqual([])
})
