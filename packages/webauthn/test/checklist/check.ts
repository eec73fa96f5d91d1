import { expect } from 'vitest'
import type { CeremonyErrorCode } from '../../src/index.ts'
import { expectRefusal } from '../kit.ts'

/** One case of the checklist, keyed by `suite id / case id`. */
export type Checks = Record<string, () => Promise<unknown>>

export const refused = (code: CeremonyErrorCode, attempt: () => Promise<unknown>) => () =>
  expectRefusal(attempt(), code)

export const accepted = (attempt: () => Promise<unknown>) => async () => expect(await attempt()).toBeTypeOf('object')
