/**
 * Passkeys in the autofill menu, for as long as the page is there: the challenge is renewed before it dies, nothing
 * is renewed while nobody looks, and a refusal arms it again, more slowly each time.
 */
import { authenticate, type Capabilities } from '@latchkey/browser'
import type { ScriptData } from '../script-data.ts'
import { observe, type Problem, type Started, start } from './calls.ts'
import { handIn, occupy, whenIdle } from './ceremony.ts'

/** Renewed after this share of its life, so that a choice made late is still in time. */
const RENEW_AT = 0.8
const PAUSES_MS = [1_000, 5_000, 20_000, 60_000, 60_000, 60_000]

type RequestOptions = PublicKeyCredentialRequestOptionsJSON

/** Arms autofill, and gives the way to disarm it before the page goes elsewhere. */
export function armAutofill(page: ScriptData, capabilities: Capabilities): () => void {
  const ending = new AbortController()
  void keepArmed(page, capabilities, ending.signal)
  return () => ending.abort()
}

async function keepArmed(page: ScriptData, capabilities: Capabilities, ended: AbortSignal): Promise<void> {
  let failures = 0
  while (!ended.aborted) {
    await whenVisible()
    await whenIdle()
    if (ended.aborted) return
    const started = await start<RequestOptions>(page.start ?? '', { mode: 'autofill', capabilities })
    const outcome = started.ok ? await waitForChoice(page, started.body, ended) : afterProblem(started)
    if (outcome === 'stop') return
    failures = outcome === 'renew' ? 0 : failures + 1
    const pause = failures === 0 ? 0 : PAUSES_MS[failures - 1]
    if (pause === undefined) return
    await new Promise((resolve) => setTimeout(resolve, pause))
  }
}

type Outcome = 'renew' | 'again' | 'stop'

async function waitForChoice(page: ScriptData, started: Started<RequestOptions>, ended: AbortSignal): Promise<Outcome> {
  const renewing = new AbortController()
  const clear = whenDue(started.endsIn * RENEW_AT, () => renewing.abort())
  const signal = AbortSignal.any([ended, renewing.signal])
  const result = await authenticate({ publicKey: started.publicKey, mediation: 'conditional', signal })
  clear()
  if (result.ok) {
    observe(page.observe, { name: 'started', surface: 'autofill' })
    await occupy(handIn(page, 'autofill', started, result.response))
    return 'again'
  }
  if (result.code === 'aborted') return 'renew'
  const mayComeBack = result.code === 'cancelled' || result.code === 'timed_out' || result.code === 'not_allowed'
  return mayComeBack ? 'again' : 'stop'
}

/** No connection and no capacity pass; anything else will be the same next time, and the button will say so. */
function afterProblem({ status }: Problem): Outcome {
  return status === 0 || status === 429 || status >= 500 ? 'again' : 'stop'
}

/** Calls back after a while, but not while the page is hidden: then as soon as it is seen again. */
function whenDue(after: number, callback: () => void): () => void {
  const clearing = new AbortController()
  const { signal } = clearing
  const timer = setTimeout(async () => {
    await whenVisible()
    if (!signal.aborted) callback()
  }, after)
  signal.addEventListener('abort', () => clearTimeout(timer))
  return () => clearing.abort()
}

function whenVisible(): Promise<void> {
  if (!document.hidden) return Promise.resolve()
  return new Promise((resolve) => {
    const look = () => {
      if (document.hidden) return
      document.removeEventListener('visibilitychange', look)
      resolve()
    }
    document.addEventListener('visibilitychange', look)
  })
}
