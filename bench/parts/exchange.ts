import type { Bench } from '../bench.ts'
import { type Contender, getCode, redeem, refresh, type Wish } from '../contender.ts'
import { exchangeFloor } from '../floor.ts'
import type { Browser } from '../http.ts'
import { textOf } from '../http.ts'
import { startLatchkey } from '../latchkey.ts'
import { type Figures, measure, type Operation, type Sizes, warmUp } from '../measure.ts'
import { startPeer } from '../peer.ts'
import { ms, rate, type Section, times } from '../report.ts'

const clients = 16
/** oidc-provider's in-memory adapter forgets after a thousand entries. */
const mostCodes = 300

type Costs = Readonly<Record<keyof ReturnType<typeof operationsOf>, Figures>>

/** Codes and tokens of a public client with PKCE: ours, durable and audited, against oidc-provider's in memory. */
export async function exchange({ pinning, sizes, floor, tell }: Bench): Promise<Section[]> {
  const ours = await costsOf(await startLatchkey({ pinning }), sizes, tell)
  const theirs = await costsOf(await startPeer(pinning), sizes, tell)
  return [sectionOf(ours, theirs, exchangeFloor(floor))]
}

async function costsOf(contender: Contender, sizes: Sizes, tell: Bench['tell']): Promise<Costs> {
  const limited = {
    ...sizes,
    operations: Math.min(sizes.operations, mostCodes),
    warmUp: Math.min(sizes.warmUp, mostCodes),
  }
  try {
    const operations = operationsOf(contender, await contender.signIn())
    const cost = async <Input>(what: string, operation: Operation<Input>): Promise<Figures> => {
      tell(`${contender.name}: ${what}`)
      await warmUp(limited, operation)
      return await measure(contender.child, limited, clients, operation)
    }
    return {
      authorize: await cost('authorize with a session', operations.authorize),
      redeem: await cost('code for tokens', operations.redeem),
      redeemOffline: await cost('code for tokens and a refresh token', operations.redeemOffline),
      refresh: await cost('refresh', operations.refresh),
    }
  } finally {
    await contender.close()
  }
}

function operationsOf(contender: Contender, browser: Browser) {
  const each = async <T>(count: number, make: () => Promise<T>) => {
    const made: T[] = []
    for (let done = 0; done < count; done += 1) made.push(await make())
    return made
  }
  const redeeming = (wish: Wish): Operation<string> => ({
    prepare: (count) => each(count, () => getCode(contender, browser, wish)),
    run: async (code) => void (await redeem(contender, code, wish)),
  })
  const offline = { isOffline: true }
  const refreshToken = async () =>
    textOf(await redeem(contender, await getCode(contender, browser, offline), offline), 'refresh_token')
  return {
    authorize: {
      prepare: async (count: number) => Array.from({ length: count }, () => browser),
      run: async (signedIn: Browser) => void (await getCode(contender, signedIn)),
    },
    redeem: redeeming({}),
    redeemOffline: redeeming(offline),
    refresh: {
      prepare: (count: number) => each(count, refreshToken),
      run: (token: string) => refresh(contender, token),
    },
  }
}

const rows: readonly [name: keyof Costs, words: string][] = [
  ['authorize', 'authorize with a session'],
  ['redeem', 'code → ID token, access token'],
  ['redeemOffline', 'code → ID token, access token, refresh token'],
  ['refresh', 'refresh token → access token, ID token, next refresh token'],
]

function sectionOf(ours: Costs, theirs: Costs, floorMs: number): Section {
  const ratio = theirs.redeem.cpuMs / ours.redeem.cpuMs
  return {
    title: 'Codes and tokens',
    note:
      `${clients} clients at a time. The cryptography of an exchange (two RS256 signatures) is ${ms(floorMs)}. ` +
      'Ours is on disk and in the audit before it is answered; oidc-provider keeps everything in memory.',
    head: [
      '',
      'CPU',
      '÷ cryptography',
      'per second',
      'CPU of oidc-provider',
      'its ÷ cryptography',
      'its per second',
      'ours is faster by',
    ],
    rows: rows.map(([name, words]) => {
      const hasTokens = name !== 'authorize'
      const overFloor = ({ cpuMs }: Figures) => (hasTokens ? times(cpuMs / floorMs) : '')
      const [our, their] = [ours[name], theirs[name]]
      return [
        words,
        ms(our.cpuMs),
        overFloor(our),
        rate(our.perSecond),
        ms(their.cpuMs),
        overFloor(their),
        rate(their.perSecond),
        times(their.cpuMs / our.cpuMs),
      ]
    }),
    aims: [
      { aim: "a token exchange faster than oidc-provider's", measured: `${times(ratio)} as fast`, isMet: ratio > 1 },
    ],
  }
}
