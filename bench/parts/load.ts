import autocannon from 'autocannon'
import type { Bench } from '../bench.ts'
import { authorizeUrl, type Contender, tokenForm } from '../contender.ts'
import { startLatchkey } from '../latchkey.ts'
import { median, type Sizes } from '../measure.ts'
import { startPeer } from '../peer.ts'
import { ms, rate, type Section, times } from '../report.ts'

const connections = 64

type Measured = { name: string; cpuMs: number; perSecond: number; p50: number; p99: number }

/** A crowd that is signed in: every client asks for a code, redeems it, and begins anew. */
export async function load({ pinning, sizes, tell }: Bench): Promise<Section[]> {
  const ours = await measureLoad(await startLatchkey({ pinning }), sizes, tell)
  const theirs = await measureLoad(await startPeer(pinning), sizes, tell)
  const spread = ours.p99 / ours.p50
  return [
    {
      title: 'Under load',
      note: `${connections} connections at once, each by turns asking for a code with a living session and redeeming it.`,
      head: ['', 'CPU per request', 'requests per second', 'p50', 'p99', 'p99 ÷ p50'],
      rows: [ours, theirs].map(({ name, cpuMs, perSecond, p50, p99 }) => [
        name,
        ms(cpuMs),
        rate(perSecond),
        ms(p50),
        ms(p99),
        times(p99 / p50),
      ]),
      aims: [{ aim: 'p99 of a request below 5 times its p50', measured: times(spread), isMet: spread < 5 }],
    },
  ]
}

async function measureLoad(contender: Contender, { rounds, seconds }: Sizes, tell: Bench['tell']): Promise<Measured> {
  try {
    tell(`${contender.name}: ${connections} connections`)
    const cookies: string[] = []
    for (let signedIn = 0; signedIn < connections; signedIn += 1) cookies.push((await contender.signIn()).cookie())
    const found = []
    // The first run is the warm-up.
    for (let round = 0; round <= Math.min(rounds, 3); round += 1) found.push(await runOnce(contender, cookies, seconds))
    const counted = found.slice(1)
    const of = (name: 'cpuMs' | 'perSecond' | 'p50' | 'p99') => median(counted.map((run) => run[name]))
    return { name: contender.name, cpuMs: of('cpuMs'), perSecond: of('perSecond'), p50: of('p50'), p99: of('p99') }
  } finally {
    await contender.close()
  }
}

async function runOnce(contender: Contender, cookies: readonly string[], seconds: number) {
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
