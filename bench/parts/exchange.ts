import type { Bench } from '../bench.ts'
import { type Contender, getCode, redeem, refresh, type Wish } from '../contender.ts'
import { exchangeFloor } from '../floor.ts'
import { textOf } from '../http.ts'
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
import { both, type Pair, sides, withContenders } from '../pair.ts'
import { ms, rate, type Section, times } from '../report.ts'

const clients = 16
/** oidc-provider's in-memory adapter forgets after a thousand entries. */
const mostCodes = 300

type Name = 'authorize' | 'redeem' | 'redeemOffline' | 'refresh'
type Side = { contender: Contender; operations: Readonly<Record<Name, Operation<string>>> }

const names: readonly [name: Name, words: string, isExchange: boolean][] = [
  ['authorize', 'authorize with a session', false],
  ['redeem', 'code → ID token, access token', true],
  ['redeemOffline', 'code → ID token, access token, refresh token', true],
  ['refresh', 'refresh token → access token, ID token, next refresh token', true],
]

/** Codes and tokens of a public client with PKCE: ours, durable and audited, against oidc-provider's in memory. */
export async function exchange({ pinning, sizes, floor, tell }: Bench): Promise<Section[]> {
  return await withContenders(pinning, async (contenders) => {
    const pair = await both(contenders, sideOf)
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

async function byTurns(pair: Pair<Side>, name: Name, sizes: Sizes): Promise<Pair<Figures>> {
  const count = Math.min(sizes.operations, mostCodes)
  const rounds: Pair<Round[]> = { ours: [], theirs: [] }
  for (const side of sides)
    for (let done = 0; done < sizes.warmUp; done += count) await warmUp({ warmUp: count }, pair[side].operations[name])
  for (let round = 0; round < sizes.rounds; round += 1) {
    for (const side of sides) {
      const { contender, operations } = pair[side]
      rounds[side].push(await measureRound(contender.child, count, clients, operations[name]))
    }
  }
  return { ours: summarise(rounds.ours), theirs: summarise(rounds.theirs) }
}

async function sideOf(contender: Contender): Promise<Side> {
  const browser = await contender.signIn()
  const offline = { isOffline: true }
  const redeeming = (wish: Wish): Operation<string> => ({
    prepare: (count) => several(count, () => getCode(contender, browser, wish)),
    run: async (code) => void (await redeem(contender, code, wish)),
  })
  const refreshToken = async () =>
    textOf(await redeem(contender, await getCode(contender, browser, offline), offline), 'refresh_token')
  const authorize: Operation<string> = {
    prepare: async (count) => Array.from({ length: count }, () => ''),
    run: async () => void (await getCode(contender, browser)),
  }
  const refreshing: Operation<string> = {
    prepare: (count) => several(count, refreshToken),
    run: (token) => refresh(contender, token),
  }
  const operations = { authorize, redeem: redeeming({}), redeemOffline: redeeming(offline), refresh: refreshing }
  return { contender, operations }
}

async function several(count: number, make: () => Promise<string>): Promise<string[]> {
  const made: string[] = []
  await eachOf(Array.from({ length: count }), clients, async () => void made.push(await make()))
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
