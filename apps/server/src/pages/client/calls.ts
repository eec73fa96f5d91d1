/** Calls to the server: JSON both ways, problems as codes, nothing thrown. */
import type { Signals } from '../script-data.ts'
import { lifetime } from './lifetime.ts'
import { csrf } from './page.ts'

/** A ceremony that the server has started. `endsIn` is by the server's clock: the visitor's may be hours off. */
export type Started<Options> = { readonly ceremony: string; readonly publicKey: Options; readonly endsIn: number }

export type Problem = {
  readonly ok: false
  readonly status: number
  readonly code: string
  readonly detail?: string
  readonly signal?: Signals
  /** Where to go to make up for it, for example to prove again who it is. */
  readonly next?: string
}
export type Answer<Body> = { readonly ok: true; readonly body: Body } | Problem

/** Starts a ceremony. */
export async function start<Options>(url: string, body: object): Promise<Answer<Started<Options>>> {
  const sent = await send(url, body)
  if (!(sent instanceof Response)) return sent
  const { ceremony, publicKey, expiresAt } = await sent.json()
  const endsIn = lifetime(expiresAt, sent.headers.get('date'), Date.now())
  return { ok: true, body: { ceremony, publicKey, endsIn } }
}

/** Hands in the response of a ceremony. */
export async function finish(url: string, body: object): Promise<Answer<{ next: string; signal?: Signals }>> {
  const sent = await send(url, body)
  return sent instanceof Response ? { ok: true, body: await sent.json() } : sent
}

/** Tells the funnel what happened. Nobody waits for it, and it outlives the page. */
export function observe(url: string | undefined, observation: object): void {
  if (url !== undefined) void send(url, observation, true)
}

async function send(url: string, body: object, keepalive = false): Promise<Response | Problem> {
  try {
    const headers = { 'Content-Type': 'application/json', 'X-CSRF-Token': csrf() }
    const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify(body), keepalive })
    return response.ok ? response : await readProblem(response)
  } catch {
    return { ok: false, status: 0, code: 'offline' }
  }
}

async function readProblem(response: Response): Promise<Problem> {
  const { status } = response
  try {
    const { code, title, detail = title, signal, next } = await response.json()
    return { ok: false, status, code: code ?? 'unknown', detail, signal, next }
  } catch {
    return { ok: false, status, code: 'unknown' }
  }
}
