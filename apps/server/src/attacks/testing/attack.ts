import type { MountedRoute } from '../../platform/http/index.ts'
import { type Answer, snapshot } from '../../testing/index.ts'
import { type Hostile, hostileRequests } from './hostile.ts'
import { judge } from './judge.ts'
import type { Target } from './target.ts'

/** What a request that is answered as good may begin without anybody being signed in, and what a refusal records. */
const mayGrow = ['event', 'event_sequence', 'attempt_limit', 'sign_in_transaction', 'ceremony', 'observation']
const patienceMs = 15_000

/** Sends every hostile request to a route; what it finds wrong is told in one line each. */
export async function attack(route: MountedRoute, target: Target): Promise<string[]> {
  const { db } = target.org.house.ground
  const before = await snapshot(db, mayGrow)
  const findings: string[] = []
  for (const hostile of hostileRequests(route, target)) {
    const finding = await send(route, hostile, target)
    if (finding !== undefined) findings.push(`${hostile.method} ${shorten(hostile.path)}, ${hostile.name}: ${finding}`)
  }
  const after = await snapshot(db, mayGrow)
  const changed = Object.keys(before).filter((table) => JSON.stringify(before[table]) !== JSON.stringify(after[table]))
  return changed.length > 0 ? [...findings, `${route.url} changed ${changed.join(', ')}`] : findings
}

async function send(route: MountedRoute, hostile: Hostile, target: Target): Promise<string | undefined> {
  // Cookies that a refusal sets or clears are not kept: every request comes from the same browser.
  const cookies = new Map(target.browser.cookies)
  const late = Promise.withResolvers<'late'>()
  const timer = setTimeout(() => late.resolve('late'), patienceMs)
  try {
    const answer = await Promise.race([ask(target, hostile), late.promise])
    return answer === 'late' ? 'never answered' : judge(route, hostile, answer, target)
  } finally {
    clearTimeout(timer)
    target.browser.cookies.clear()
    for (const [name, value] of cookies) target.browser.cookies.set(name, value)
  }
}

type Asked = Pick<Hostile, 'method' | 'path' | 'headers' | 'body'>

/** A form that only asks to be asked again with GET is judged by the answer to that. */
async function ask({ browser }: Target, { method, path, headers = {}, body }: Asked): Promise<Answer> {
  const answer = await browser.request(method, path, { headers, ...(body !== undefined && { body }) })
  const isRepeated = method === 'POST' && answer.status === 303 && answer.location?.startsWith(`${path}?`)
  return isRepeated && answer.location !== undefined ? await browser.request('GET', answer.location) : answer
}

const shorten = (path: string) => (path.length > 120 ? `${path.slice(0, 120)}…` : path)
