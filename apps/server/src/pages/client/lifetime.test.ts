import { describe, expect, it } from 'vitest'
import { lifetime } from './lifetime.ts'

const served = Date.UTC(2026, 10, 21, 9, 30)
const date = new Date(served).toUTCString()
const HOUR = 3_600_000

describe('The life of a ceremony', () => {
  it("is measured by the server's clock, however wrong the visitor's is", () => {
    for (const now of [served, served - 5 * HOUR, served + 5 * HOUR])
      expect(lifetime(served + 240_000, date, now)).toBe(240_000)
  })

  it("falls back to the visitor's clock where the server did not say", () => {
    expect(lifetime(served + 240_000, null, served)).toBe(240_000)
    expect(lifetime(served + 240_000, 'yesterday', served)).toBe(240_000)
  })

  it('is the usual five minutes where the figures make no sense', () => {
    for (const expiresAt of [served - 1, served + 24 * HOUR, Number.NaN])
      expect(lifetime(expiresAt, date, served)).toBe(300_000)
  })
})
