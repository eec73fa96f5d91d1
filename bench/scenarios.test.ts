import { describe, expect, test } from 'vitest'
import type { Bench } from './bench.ts'
import { measureFloor } from './floor.ts'
import type { Pinning } from './machine.ts'
import type { Sizes } from './measure.ts'
import { exchange } from './parts/exchange.ts'
import { footprint } from './parts/footprint.ts'
import { groupCommit } from './parts/group-commit.ts'
import { load } from './parts/load.ts'
import { profile } from './parts/profile.ts'
import { signIn } from './parts/sign-in.ts'
import { type Section, writeReport } from './report.ts'

// Every scenario in earnest, but only a few times: what it takes here says nothing.
const sizes: Sizes = { warmUp: 2, rounds: 1, operations: 6, seconds: 1 }
const pinning: Pinning = { server: ([file = '', ...rest]) => [file, ...rest], words: 'not pinned' }

async function run(part: (bench: Bench) => Promise<Section[]>): Promise<Section[]> {
  const floor = await measureFloor(pinning, sizes)
  return await part({ pinning, sizes, floor, tell: () => undefined })
}

const firstColumn = ({ rows }: Section) => rows.map(([name]) => name)

describe('The benchmark', { timeout: 60_000 }, () => {
  test('measures the cryptography alone', async () => {
    const { signMs, verifyMs } = await measureFloor(pinning, sizes)
    expect(signMs).toBeGreaterThan(0)
    expect(verifyMs).toBeGreaterThan(0)
  })

  test('signs people in with their passkeys, at three crowds and request by request', async () => {
    const [whole, requests] = await run(signIn)
    expect(whole && firstColumn(whole)).toEqual(['1', '16', '64'])
    expect(whole?.rows.flat().join()).not.toContain('NaN')
    expect(requests && firstColumn(requests)).toEqual([
      'GET authorize',
      'GET the page',
      'POST passkey/start',
      'POST passkey/finish',
      'GET the redirect with the code',
      'POST token',
    ])
  })

  test('exchanges codes and refreshes tokens, here and at oidc-provider', async () => {
    const [section] = await run(exchange)
    expect(section?.rows).toHaveLength(4)
    expect(section?.rows.flat().join()).not.toContain('NaN')
  })

  test('lets a crowd ask for codes and redeem them, here and at oidc-provider', async () => {
    const [section] = await run(load)
    expect(section && firstColumn(section)).toEqual(['Latchkey', 'oidc-provider'])
  })

  test('commits transactions in groups and one by one', async () => {
    const [section] = await run(groupCommit)
    expect(section?.rows.map(([name, , perCommit]) => [name, perCommit])).toEqual([
      ['1, shared commits', '1.0'],
      ['1, a commit each', '1.0'],
      ['16, shared commits', expect.any(String)],
      ['16, a commit each', '1.0'],
      ['64, shared commits', expect.any(String)],
      ['64, a commit each', '1.0'],
    ])
  })

  test('starts the server of npm start and looks at its memory', async () => {
    const [section] = await run(footprint)
    expect(section?.rows.map(([, measured]) => measured)).toEqual([
      expect.stringMatching(/ ms$/),
      expect.stringMatching(/ ms$/),
      expect.stringMatching(/^\d+ MB$/),
    ])
  })

  test('says where the time goes', async () => {
    const sections = await run(profile)
    expect(sections).toHaveLength(2)
    for (const section of sections) expect(firstColumn(section)).toContain('platform/database')
  })
})

test('The report is Markdown, with the aims at its end', () => {
  const aims = [
    { aim: 'fast', measured: '3×', isMet: true },
    { aim: 'small', measured: '9 MB', isMet: false },
  ]
  const section = { title: 'Title', note: 'How.', head: ['', 'CPU'], rows: [['one', '1 ms']], aims }
  expect(writeReport([section])).toBe(
    [
      '## Title\n\nHow.\n\n|  | CPU |\n| --- | ---: |\n| one | 1 ms |\n\n',
      '## Aims\n\n| Aim | Measured |  |\n| --- | ---: | ---: |\n| fast | 3× | met |\n| small | 9 MB | **missed** |\n',
    ].join(''),
  )
})
