import { describe, expect, it } from 'vitest'
import type { AllowedSkip } from './allowed-skips.ts'
import { conclude, type Skip, single, skip } from './outcome.ts'

const allowed: Skip = { name: 'a', why: 'there is no Chromium', isAllowed: true }
const refused: Skip = { name: 'b', why: 'not allowed', isAllowed: false }
const good = single('types', true)

describe('The last words of a run', () => {
  it('count what passed, failed and was skipped on the very last line', () => {
    const { lines, exitCode } = conclude([{ passed: 41, failed: [], skipped: [] }, good])
    expect(lines).toEqual(['42 passed, 0 failed, 0 skipped'])
    expect(exitCode).toBe(0)
  })

  it('name what failed', () => {
    const { lines, exitCode } = conclude([good, single('lint', false)])
    expect(lines).toEqual(['failed: lint', '1 passed, 1 failed, 0 skipped'])
    expect(exitCode).toBe(1)
  })

  it('name what was skipped and why, which is no failure where it is allowed', () => {
    const { lines, exitCode } = conclude([good, { passed: 0, failed: [], skipped: [allowed] }])
    expect(lines).toEqual(['skipped: a (there is no Chromium)', '1 passed, 0 failed, 1 skipped'])
    expect(exitCode).toBe(0)
  })

  it('fail the run when a skip is not on the list', () => {
    const { lines, exitCode } = conclude([good, { passed: 0, failed: [], skipped: [allowed, refused] }])
    expect(lines.at(-1)).toBe('1 passed, 0 failed, 2 skipped')
    expect(exitCode).toBe(1)
  })

  it.each([
    ['nothing ran', []],
    ['all that ran was skipped', [{ passed: 0, failed: [], skipped: [allowed] }]],
  ])('fail the run when %s', (_, outcomes) => {
    const { lines, exitCode } = conclude(outcomes)
    expect(lines).toContain('No test ran.')
    expect(exitCode).toBe(1)
  })
})

describe('What may be skipped', () => {
  const list: AllowedSkip[] = [
    { name: /postgres/i, when: () => true, why: 'no PostgreSQL' },
    { source: /oracles/, when: () => true, why: 'no oracles' },
    { name: /moon/, when: () => false, why: 'no moon' },
  ]

  it('is known by its name or by the text of its file', () => {
    expect(skip('a.test.ts › on PostgreSQL', '', list)).toMatchObject({ isAllowed: true, why: 'no PostgreSQL' })
    expect(skip('a.test.ts › vectors', "join('oracles')", list)).toMatchObject({ isAllowed: true, why: 'no oracles' })
  })

  it('is refused outside its circumstances, or when the list does not name it', () => {
    expect(skip('a.test.ts › moon', '', list).isAllowed).toBe(false)
    expect(skip('a.test.ts › anything', '', list).isAllowed).toBe(false)
  })
})
