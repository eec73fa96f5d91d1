import { type AllowedSkip, allowedSkips } from './allowed-skips.ts'

export type Skip = { readonly name: string; readonly why: string; readonly isAllowed: boolean }

/** What a stage came to; failures by name, so that the end of a long run says what to look for. */
export type Outcome = { readonly passed: number; readonly failed: readonly string[]; readonly skipped: readonly Skip[] }

/** A stage that is one test. */
export function single(name: string, isPassed: boolean): Outcome {
  return { passed: isPassed ? 1 : 0, failed: isPassed ? [] : [name], skipped: [] }
}

/** Judges a skip by the list of what may be skipped. */
export function skip(name: string, source = '', list: readonly AllowedSkip[] = allowedSkips): Skip {
  const allowed = list.find((entry) => (entry.name?.test(name) || entry.source?.test(source)) && entry.when())
  return { name, why: allowed?.why ?? 'not allowed: see tools/test/allowed-skips.ts', isAllowed: allowed !== undefined }
}

/** The last words of a run, whose very last line others read, and its exit code. */
export function conclude(outcomes: readonly Outcome[]): { lines: string[]; exitCode: number } {
  const passed = outcomes.reduce((sum, outcome) => sum + outcome.passed, 0)
  const failed = outcomes.flatMap((outcome) => outcome.failed)
  const skipped = outcomes.flatMap((outcome) => outcome.skipped)
  const isGood = failed.length === 0 && passed > 0 && skipped.every(({ isAllowed }) => isAllowed)
  const lines = [
    ...failed.map((name) => `failed: ${name}`),
    ...skipped.map(({ name, why }) => `skipped: ${name} (${why})`),
    ...(passed + failed.length === 0 ? ['No test ran.'] : []),
    `${passed} passed, ${failed.length} failed, ${skipped.length} skipped`,
  ]
  return { lines, exitCode: isGood ? 0 : 1 }
}
