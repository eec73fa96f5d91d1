import type { Bench } from '../bench.ts'
import type { Child } from '../child.ts'
import { type Contender, getCode, redeem, refresh, type Wish } from '../contender.ts'
import { exchangeFloor } from '../floor.ts'
import { type Browser, textOf } from '../http.ts'
import {
  eachOf,
  type Figures,
  measureRound,
  type Operation,
  type Round,
  type Sizes,
  summarise,
  warmUp,
} from '../measure.ts'
import { type Pair, sides, withContenders } from '../pair.ts'
import { ms, rate, type Section, times } from '../report.ts'

const clients = 16
/** oidc-provider's in-memory adapter forgets after a thousand entries. */
const mostCodes = 300

type Name = 'authorize' | 'redeem' | 'redeemOffline' | 'refresh'
type Job = { warmUp(count: number): Promise<void>; measure(child: Child, count: number): Promise<Round> }
type Side = { contender: Contender; jobs: Readonly<Record<Name, Job>> }

const names: readonly [name: Name, words: string, isExchange: boolean][] = [
  ['authorize', 'authorize with a session', false],
  ['redeem', 'code → ID token, access token', true],
  ['redeemOffline', 'code → ID token, access token, refresh token', true],
  ['refresh', 'refresh token → access token, ID token, next refresh token', true],
]

/** Codes and tokens of a public client with PKCE: ours, durable and audited, against oidc-provider's in memory. */
export async function exchange({ pinning, sizes, floor, tell }: Bench): Promise<Section[]> {
  return await withContenders(pinning, async (contenders) => {
    const pair = { ours: sideOf(contenders.ours), theirs: sideOf(contenders.theirs) }
    tell('codes and tokens: warming up')
    for (const side of sides) await warmUpAll(pair[side], sizes)
    const rows: string[][] = []
    let ratio = 0
    for (const [name, words, isExchange] of names) {
      tell(`codes and tokens: ${words}`)
      const measured = await byTurns(pair, name, sizes)
      rows.push([words, ...cellsOf(measured, isExchange ? exchangeFloor(floor) : undefined)])
      if (name === 'redeem') ratio = measured.theirs.cpuMs / measured.ours.cpuMs
    }
    return [sectionOf(rows, ratio, exchangeFloor(floor))]
  })
}

/** All of them again and again: what they share is compiled for all, and none is measured hotter than another. */
async function warmUpAll({ jobs }: Side, sizes: Sizes): Promise<void> {
  for (let done = 0; done < sizes.warmUp; done += mostCodes)
    for (const [name] of names) await jobs[name].warmUp(Math.min(sizes.warmUp, mostCodes))
}

async function byTurns(pair: Pair<Side>, name: Name, sizes: Sizes): Promise<Pair<Figures>> {
  const count = Math.min(sizes.operations, mostCodes)
  const rounds: Pair<Round[]> = { ours: [], theirs: [] }
  for (let round = 0; round < sizes.rounds; round += 1) {
    for (const side of sides) {
      const { contender, jobs } = pair[side]
      rounds[side].push(await jobs[name].measure(contender.child, count))
    }
  }
  return { ours: summarise(rounds.ours), theirs: summarise(rounds.theirs) }
}

/** Every round has a session of its own: oidc-provider's adapter would forget one that lasts. */
function sideOf(contender: Contender): Side {
  const offline = { isOffline: true }
  const redeeming = (wish: Wish): Operation<string> => ({
    prepare: (count) => several(contender, count, (browser) => getCode(contender, browser, wish)),
    run: async (code) => void (await redeem(contender, code, wish)),
  })
  const authorize: Operation<Browser> = {
    prepare: async (count) => Array<Browser>(count).fill(await contender.signIn()),
    run: async (browser) => void (await getCode(contender, browser)),
  }
  const refreshToken = async (browser: Browser) =>
    textOf(await redeem(contender, await getCode(contender, browser, offline), offline), 'refresh_token')
  const refreshing: Operation<string> = {
    prepare: (count) => several(contender, count, refreshToken),
    run: (token) => refresh(contender, token),
  }
  const jobs = {
    authorize: jobOf(authorize),
    redeem: jobOf(redeeming({})),
    redeemOffline: jobOf(redeeming(offline)),
    refresh: jobOf(refreshing),
  }
  return { contender, jobs }
}

function jobOf<Input>(operation: Operation<Input>): Job {
  return {
    warmUp: (count) => warmUp({ warmUp: count }, operation),
    measure: (child, count) => measureRound(child, count, clients, operation),
  }
}

async function several(contender: Contender, count: number, make: (browser: Browser) => Promise<string>) {
  const browser = await contender.signIn()
  const made: string[] = []
  await eachOf(Array.from({ length: count }), clients, async () => void made.push(await make(browser)))
  return made
}

function cellsOf({ ours, theirs }: Pair<Figures>, floorMs: number | undefined): string[] {
  const overFloor = ({ cpuMs }: Figures) => (floorMs === undefined ? '' : times(cpuMs / floorMs))
  const half = (figures: Figures) => [ms(figures.cpuMs), overFloor(figures), rate(figures.perSecond)]
  return [...half(ours), ...half(theirs), times(theirs.cpuMs / ours.cpuMs)]
}

function sectionOf(rows: readonly (readonly string[])[], ratio: number, floorMs: number): Section {
  const half = (whose: string) => [`${whose} CPU`, '÷ cryptography', 'per second']
  return {
    title: 'Codes and tokens',
    note:
      `${clients} clients at a time. The cryptography of an exchange (two RS256 signatures) is ${ms(floorMs)}. ` +
      'Ours is on disk and in the audit before it is answered; oidc-provider keeps everything in memory.',
    head: ['', ...half('Latchkey:'), ...half('oidc-provider:'), 'its CPU ÷ ours'],
    rows,
    aims: [
      {
        aim: "a token exchange faster than oidc-provider's",
        measured: `its CPU is ${times(ratio)} ours`,
        isMet: ratio > 1,
      },
    ],
  }
}
