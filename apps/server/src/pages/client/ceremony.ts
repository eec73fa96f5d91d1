/** What autofill, buttons and silent creation have in common: the way from an answer of the browser to the next page. */
import type { CeremonyCode } from '@latchkey/browser'
import type { ScriptData, Surface } from '../script-data.ts'
import { finish, observe, type Problem, type Started } from './calls.ts'
import { clearProblem, complain, countCancel, say } from './page.ts'
import { tell } from './signals.ts'

let running: Promise<unknown> = Promise.resolve()

/** Waits until no dialog is open and nothing is being handed in. */
export const whenIdle = () => running

/** Keeps others waiting (`whenIdle`) while something runs. */
export function occupy<T>(work: Promise<T>): Promise<T> {
  running = work.catch(() => undefined)
  return work
}

/** Hands in a response and goes on to the next page. False when the server refused it. */
export async function handIn(
  page: ScriptData,
  surface: Surface,
  started: Started<unknown>,
  response: object,
): Promise<boolean> {
  clearProblem()
  say(page.texts.finishing)
  const finished = await finish(page.finish ?? '', { ceremony: started.ceremony, response })
  if (!finished.ok) {
    refused(page, surface, finished)
    await tell(finished.signal)
    return false
  }
  observe(page.observe, { name: 'completed', surface })
  await tell(finished.body.signal)
  // Brought back from the browser's cache, this page would wait for ever for what has long happened.
  addEventListener('pageshow', ({ persisted }) => persisted && location.reload())
  location.assign(finished.body.next)
  // The page is on its way out: nothing may start again behind it.
  return await new Promise<boolean>(() => undefined)
}

/** The transaction is over, or went on without this page; the server knows which page is due. */
const OUTRUN = ['transaction_expired', 'transaction_changed', 'step_not_open']

/** Says why the server refused, or goes where the refusal points. */
export function refused(page: ScriptData, surface: Surface, problem: Problem): void {
  observe(page.observe, { name: 'failed', surface, reason: problem.code })
  if (problem.next !== undefined) location.assign(problem.next)
  else if (OUTRUN.includes(problem.code)) location.reload()
  else complain(page, problem.code, problem.detail)
}

/** Reports a ceremony that gave nothing; closing the dialog is not an error. */
export function gaveNothing(page: ScriptData, surface: Surface, code: CeremonyCode): void {
  say('')
  const isCancelled = code === 'cancelled' || code === 'timed_out'
  observe(page.observe, { name: isCancelled ? 'os_cancelled' : 'failed', surface, reason: code })
  if (code !== 'cancelled' && code !== 'aborted' && code !== 'busy') complain(page, code)
  if (isCancelled) countCancel()
}
