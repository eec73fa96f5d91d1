import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { root, run } from './command.ts'
import { type Outcome, type Skip, skip } from './outcome.ts'

/** The part of Vitest's JSON report that is read here. */
export type VitestReport = {
  readonly testResults: readonly {
    readonly name: string
    readonly status: 'passed' | 'failed'
    readonly assertionResults: readonly {
      readonly ancestorTitles: readonly string[]
      readonly title: string
      readonly status: 'passed' | 'failed' | 'skipped' | 'pending' | 'todo' | 'disabled'
    }[]
  }[]
}

/** Runs one of the projects of vitest.config.ts; what is filtered out by `args` counts for nothing. */
export async function runVitest(project: string, args: readonly string[]): Promise<Outcome> {
  const folder = mkdtempSync(join(tmpdir(), 'latchkey-test-'))
  const file = join(folder, 'report.json')
  try {
    const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${file}`]
    const isFiltered = args.length > 0 ? ['--passWithNoTests'] : []
    const isGood = await run('vitest', ['run', '--project', project, ...reporters, ...isFiltered, ...args])
    const report: VitestReport | undefined = readReport(file)
    if (report === undefined)
      return { passed: 0, failed: isGood ? [] : [`${project}: Vitest did not run`], skipped: [] }
    const outcome = count(report, (path) => readFileSync(path, 'utf8'))
    const failed =
      isGood || outcome.failed.length > 0 ? outcome.failed : [`${project}: Vitest failed outside its tests`]
    const isByTitle = args.some((arg) => /^(?:-t|--testNamePattern)/.test(arg))
    return { passed: outcome.passed, failed, skipped: isByTitle ? [] : outcome.skipped }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function readReport(file: string): VitestReport | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch {
    return undefined
  }
}

/** Counts each test once, and a file that fails outside its tests, as in an import or a hook, as one failure. */
export function count(report: VitestReport, sourceOf: (path: string) => string): Outcome {
  let passed = 0
  const failed: string[] = []
  const skipped: Skip[] = []
  for (const file of report.testResults) {
    const name = relative(root, file.name)
    const nameOf = (test: (typeof file.assertionResults)[number]) =>
      [name, ...test.ancestorTitles, test.title].join(' › ')
    const failures = file.assertionResults.filter(({ status }) => status === 'failed').map(nameOf)
    const others = file.assertionResults.filter(({ status }) => status !== 'failed' && status !== 'passed')
    passed += file.assertionResults.length - failures.length - others.length
    failed.push(...(file.status === 'failed' && failures.length === 0 ? [name] : failures))
    skipped.push(...others.map((test) => skip(nameOf(test), sourceOf(file.name))))
  }
  return { passed, failed, skipped }
}
