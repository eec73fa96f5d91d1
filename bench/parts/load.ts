import autocannon from 'autocannon'
import type { Bench } from '../bench.ts'
import { authorizeUrl, type Contender, tokenForm } from '../contender.ts'
import { median, type Sizes } from '../measure.ts'
import { both, type Pair, sides, withContenders } from '../pair.ts'
import { ms, rate, type Section, times } from '../report.ts'

const connections = 64

type Run = { cpuMs: number; perSecond: number; p50: number; p99: number }
type Crowd = { contender: Contender; cookies: readonly string[] }

/** A crowd that is signed in: every client asks for a code, redeems it, and begins anew. */
export async function load({ pinning, sizes, tell }: Bench): Promise<Section[]> {
  return await withContenders(pinning, async (contenders) => {
    tell(`under load: ${connections} connections`)
    return [sectionOf(await byTurns(await both(contenders, gather), sizes))]
  })
}

async function gather(contender: Contender): Promise<Crowd> {
  const cookies: string[] = []
  while (cookies.length < connections) cookies.push((await contender.signIn()).cookie())
  return { contender, cookies }
}

async function byTurns(crowds: Pair<Crowd>, { rounds, seconds }: Sizes): Promise<Pair<Run>> {
  const runs: Pair<Run[]> = { ours: [], theirs: [] }
  // The first is the warm-up.
  for (let round = 0; round <= Math.min(rounds, 3); round += 1)
    for (const side of sides) runs[side].push(await runOnce(crowds[side], seconds))
  return { ours: middleOf(runs.ours.slice(1)), theirs: middleOf(runs.theirs.slice(1)) }
}

function middleOf(runs: readonly Run[]): Run {
  const of = (name: keyof Run) => median(runs.map((run) => run[name]))
  return { cpuMs: of('cpuMs'), perSecond: of('perSecond'), p50: of('p50'), p99: of('p99') }
}

function sectionOf({ ours, theirs }: Pair<Run>): Section {
  const spread = ours.p99 / ours.p50
  const row = (name: string, { cpuMs, perSecond, p50, p99 }: Run) => [
    name,
    ms(cpuMs),
    rate(perSecond),
    ms(p50),
    ms(p99),
    times(p99 / p50),
  ]
  return {
    title: 'Under load',
    note: `${connections} connections at once, each by turns asking for a code with a living session and redeeming it.`,
    head: ['', 'CPU per request', 'requests per second', 'p50', 'p99', 'p99 ÷ p50'],
    rows: [row('Latchkey', ours), row('oidc-provider', theirs)],
    aims: [{ aim: 'p99 of a request below 5 times its p50', measured: times(spread), isMet: spread < 5 }],
  }
}

async function runOnce({ contender, cookies }: Crowd, seconds: number): Promise<Run> {
  const before = await contender.child.usage()
  const { duration, requests, latency, statusCodeStats, errors } = await autocannon({
    url: `http://127.0.0.1:${new URL(contender.site.origin).port}`,
    connections,
    duration: seconds,
    requests: requestsOf(contender, cookies),
  })
  const refused = Object.keys(statusCodeStats).filter((status) => Number(status) >= 400)
  if (errors > 0 || refused.length > 0)
    throw new Error(`${contender.name} under load: ${JSON.stringify(statusCodeStats)}`)
  const cpuMs = ((await contender.child.usage()).cpuMs - before.cpuMs) / requests.total
  return { cpuMs, perSecond: requests.total / duration, p50: latency.p50, p99: latency.p99 }
}

function requestsOf(contender: Contender, cookies: readonly string[]) {
  const { host } = new URL(contender.site.origin)
  let turn = 0
  return [
    {
      method: 'GET',
      path: authorizeUrl(contender),
      headers: { host },
      setupRequest(request: object) {
        turn += 1
        return { ...request, headers: { host, cookie: cookies[turn % cookies.length] ?? '' } }
      },
      onResponse(
        _status: number,
        _body: string,
        context: Record<string, string>,
        headers: Readonly<Record<string, string | readonly string[]>>,
      ) {
        const location = String(headers.location ?? headers.Location)
        context.code = new URL(location).searchParams.get('code') ?? ''
      },
    },
    {
      method: 'POST',
      path: contender.paths.token,
      headers: { host, 'content-type': 'application/x-www-form-urlencoded' },
      setupRequest: (request: object, context: Record<string, string>) => ({
        ...request,
        body: tokenForm(context.code ?? ''),
      }),
    },
  ]
}
