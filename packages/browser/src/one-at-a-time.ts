/**
 * Browsers run one ceremony per page. An autofill ceremony waits in the background for minutes, so a dialog has to
 * end it first; when the dialog gives nothing, autofill is armed again with the options it had, since they were never
 * answered.
 */
import type { CeremonyFailure } from './codes.ts'

type Outcome<T> = { readonly ok: true; readonly response: T } | CeremonyFailure
type Run<T> = (signal: AbortSignal) => Promise<Outcome<T>>

type Autofill = {
  /** Ends the browser's call and keeps the waiting caller. False when it had already given an answer. */
  suspend(): Promise<boolean>
  resume(): void
  stop(): void
}
type Lane = { dialog: boolean; autofill: Autofill | undefined }

const lanes = new WeakMap<object, Lane>()
const ABORTED: CeremonyFailure = { ok: false, code: 'aborted' }
const BUSY: CeremonyFailure = { ok: false, code: 'busy' }
/** An aborted call settles within a task; a browser that forgets to must not keep the dialog from opening. */
const SETTLE_MS = 500

function laneOf(credentials: object): Lane {
  const known = lanes.get(credentials)
  if (known) return known
  const lane: Lane = { dialog: false, autofill: undefined }
  lanes.set(credentials, lane)
  return lane
}

/** Runs a ceremony that shows a dialog. A second one at the same time is `busy`. */
export async function runDialog<T>(credentials: object, run: Run<T>, signal?: AbortSignal): Promise<Outcome<T>> {
  const lane = laneOf(credentials)
  if (lane.dialog) return BUSY
  lane.dialog = true
  const background = lane.autofill
  try {
    if (background && !(await background.suspend())) return BUSY
    const outcome = signal?.aborted ? ABORTED : await run(signal ?? new AbortController().signal)
    if (outcome.ok) background?.stop()
    return outcome
  } finally {
    lane.dialog = false
    lane.autofill?.resume()
  }
}

/** Runs a ceremony in the background. It ends when answered, aborted, or replaced by a newer one. */
export function runAutofill<T>(credentials: object, run: Run<T>, signal?: AbortSignal): Promise<Outcome<T>> {
  const lane = laneOf(credentials)
  lane.autofill?.stop()
  if (signal?.aborted) return Promise.resolve(ABORTED)
  return new Promise((resolve) => {
    const autofill = startAutofill(run, (outcome) => {
      if (lane.autofill === autofill) lane.autofill = undefined
      resolve(outcome)
    })
    lane.autofill = autofill
    signal?.addEventListener('abort', () => autofill.stop(), { once: true })
    if (!lane.dialog) autofill.resume()
  })
}

function startAutofill<T>(run: Run<T>, finish: (outcome: Outcome<T>) => void): Autofill {
  let current: { controller: AbortController; settled: Promise<void> } | undefined
  let isFinished = false
  const end = (outcome: Outcome<T>) => {
    isFinished = true
    finish(outcome)
  }
  const attempt = async (controller: AbortController): Promise<void> => {
    const outcome = await run(controller.signal)
    if (isFinished || (controller.signal.aborted && !outcome.ok)) return
    end(outcome)
  }
  return {
    async suspend() {
      const ending = current
      current = undefined
      ending?.controller.abort()
      await Promise.race([ending?.settled, new Promise((resolve) => setTimeout(resolve, SETTLE_MS))])
      return !isFinished
    },
    resume() {
      if (isFinished || current) return
      const controller = new AbortController()
      current = { controller, settled: attempt(controller) }
    },
    stop() {
      if (isFinished) return
      end(ABORTED)
      current?.controller.abort()
    },
  }
}
