import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { createConnection } from 'node:net'
import { createInterface } from 'node:readline'
import { expect, test } from 'vitest'
import { findPostgres, startPostgres } from './postgres.ts'

const present = findPostgres() !== undefined && process.env.LATCHKEY_TEST_WITHOUT_POSTGRES !== '1'

/** Ten times what it takes on an idle machine. */
const timeout = 60_000

function answers(url: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection({ host: '127.0.0.1', port: Number(new URL(url).port) })
    socket.once('error', () => resolve(false))
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
  })
}

test.skipIf(!present)('Test servers run side by side, and are gone once stopped', { timeout }, async () => {
  const servers = await Promise.all([startPostgres(), startPostgres()])
  const urls = servers.map(({ url }) => url)
  expect(new Set(urls).size).toBe(2)
  expect(await Promise.all(urls.map(answers))).toEqual([true, true])
  await Promise.all(servers.map((server) => server.stop()))
  expect(await Promise.all(urls.map(answers))).toEqual([false, false])
})

test.skipIf(!present).each(['SIGINT', 'SIGTERM'] as const)(
  'A test server started by hand goes with %s',
  { timeout },
  async (signal) => {
    const program = spawn(process.execPath, [`${import.meta.dirname}/postgres.ts`], {
      stdio: ['ignore', 'pipe', 'ignore'],
    })
    const ended = once(program, 'exit')
    const [url = '', folder = ''] = await firstLines(program.stdout)
    expect(await answers(url)).toBe(true)
    program.kill(signal)
    expect(await ended).toEqual([null, signal])
    expect([await answers(url), existsSync(folder)]).toEqual([false, false])
  },
)

async function firstLines(input: NodeJS.ReadableStream): Promise<string[]> {
  const lines: string[] = []
  for await (const line of createInterface({ input })) {
    lines.push(line)
    if (lines.length === 2) break
  }
  return lines
}
