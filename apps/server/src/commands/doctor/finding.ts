import type { Config } from '../../config.ts'
import type { Ground } from '../../platform/ground.ts'

/** What a check found; whoever reads it wants to know what to do, so bad news comes with advice. */
export type Finding =
  | { readonly status: 'ok'; readonly found: string }
  | { readonly status: 'warn' | 'fail'; readonly found: string; readonly advice: string }

/** What a check may look at. */
export type Patient = {
  readonly config: Config
  /** Absent where the database could not be opened; that check says why. */
  readonly ground: Ground | undefined
}

export type Check = {
  readonly name: string
  run(patient: Patient): Promise<Finding | readonly Finding[]>
}

export const ok = (found: string): Finding => ({ status: 'ok', found })
export const warn = (found: string, advice: string): Finding => ({ status: 'warn', found, advice })
export const fail = (found: string, advice: string): Finding => ({ status: 'fail', found, advice })

/** The words of a failure, with those of its cause, where the reason stands. */
export function wordsOf(failure: unknown): string {
  if (!(failure instanceof Error)) return String(failure)
  const code = 'code' in failure && typeof failure.code === 'string' ? failure.code : undefined
  if (failure.cause instanceof Error) return wordsOf(failure.cause)
  return failure.message || code || failure.name
}
