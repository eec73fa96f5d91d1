import type { Clock } from '../platform/clock.ts'

/** A clock that stands still until a test moves it. */
export type TestClock = Clock & { advance(ms: number): void }

/** Starts at the present unless told otherwise, so that what others verify (tokens, certificates) is valid now. */
export function createClock(startsAt: number = Date.now()): TestClock {
  let now = startsAt
  return Object.assign(() => now, {
    advance(ms: number) {
      now += ms
    },
  })
}
