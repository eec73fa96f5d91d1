import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { root } from './command.ts'
import { count, type VitestReport } from './vitest.ts'

type File = VitestReport['testResults'][number]
type Test = File['assertionResults'][number]

const test = (title: string, status: Test['status']): Test => ({ ancestorTitles: ['Group'], title, status })
const file = (status: File['status'], tests: Test[]): VitestReport => ({
  testResults: [{ name: join(root, 'apps/a.test.ts'), status, assertionResults: tests }],
})

describe('The count of a Vitest report', () => {
  it('names failures and skips by file, group and title', () => {
    const report = file('failed', [test('a', 'passed'), test('b', 'failed'), test('c', 'skipped'), test('d', 'todo')])
    const outcome = count(report, () => '')
    expect(outcome.passed).toBe(1)
    expect(outcome.failed).toEqual(['apps/a.test.ts › Group › b'])
    expect(outcome.skipped.map(({ name }) => name)).toEqual([
      'apps/a.test.ts › Group › c',
      'apps/a.test.ts › Group › d',
    ])
  })

  it('takes a file that fails before its tests for one failure', () => {
    expect(count(file('failed', []), () => '').failed).toEqual(['apps/a.test.ts'])
  })

  it('takes a file whose hook fails for one failure, though its tests are reported as skipped', () => {
    const outcome = count(file('failed', [test('a', 'skipped')]), () => '')
    expect(outcome.failed).toEqual(['apps/a.test.ts'])
    expect(outcome.skipped).toMatchObject([{ isAllowed: false }])
  })
})
