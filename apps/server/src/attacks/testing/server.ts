import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { freePort } from '../../../../../tools/test/free-port.ts'
import type { DatabaseAddress } from '../../platform/database/index.ts'
import { type Browser, createBrowser, overHttp, type Transport } from '../../testing/index.ts'

const root = join(import.meta.dirname, '../../../../..')

/** A real server in a process of its own. */
export type ServerProcess = {
  /** Where it listens; not its public address when several serve one. */
  readonly address: string
  readonly process: ChildProcess
  /** A browser at the public address that reaches this very process. */
  browser(ip?: string): Browser
  /** Ends it as a power cut would. */
  kill(): Promise<void>
  stop(): Promise<void>
}

export type Cluster = {
  /** The public address of all its servers. */
  readonly url: string
  readonly environment: Readonly<Record<string, string>>
  start(): Promise<ServerProcess>
  /** Runs a command beside the servers, with the same settings. */
  run(...args: string[]): Promise<{ code: number; output: string }>
  /** Kills what still runs and removes what was written. */
  close(): Promise<void>
}

/** Settings for servers that share a database, an address and a key, in development so that mail can be read. */
export async function newCluster(database: DatabaseAddress): Promise<Cluster> {
  const folder = mkdtempSync(join(tmpdir(), 'latchkey-cluster-'))
  const running = new Set<ChildProcess>()
  const url = `http://localhost:${await freePort()}`
  const { PATH = '', HOME = '' } = process.env
  const environment = {
    PATH,
    HOME,
    NO_COLOR: '1',
    LATCHKEY_URL: url,
    LATCHKEY_DATA: folder,
    LATCHKEY_DATABASE: 'sqlite' in database ? database.sqlite : database.postgres,
    LATCHKEY_SECRET_KEY: 'a-key-that-all-servers-of-the-cluster-share',
    LATCHKEY_DEMO_PORT: '0',
    // So that each browser can come from an address of its own, and limits by address do not stop the tests.
    LATCHKEY_TRUSTED_PROXIES: 'loopback',
  }

  const launch = (args: readonly string[], more: Readonly<Record<string, string>> = {}) => {
    const child = spawn(process.execPath, [join(root, 'apps/server/src/main.ts'), ...args], {
      env: { ...environment, ...more },
      cwd: root,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    running.add(child)
    child.once('close', () => running.delete(child))
    return child
  }

  return {
    url,
    environment,
    async start() {
      const port = await freePort()
      const child = launch(['dev'], { PORT: String(port) })
      await isReady(child)
      const address = `http://localhost:${port}`
      const end = async (signal: NodeJS.Signals) => {
        if (child.exitCode !== null || child.signalCode !== null) return
        const closed = once(child, 'close')
        child.kill(signal)
        await closed
      }
      return {
        address,
        process: child,
        browser: (ip = '192.0.2.10') => createBrowser({ url, transport: from(ip, overHttp(address)) }),
        kill: () => end('SIGKILL'),
        stop: () => end('SIGTERM'),
      }
    },
    async run(...args) {
      const child = launch(args, { PORT: '0' })
      let output = ''
      for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk) => (output += chunk))
      const [code] = await once(child, 'close')
      return { code: Number(code), output }
    },
    async close() {
      await Promise.all(
        [...running].map(async (child) => {
          const closed = once(child, 'close')
          child.kill('SIGKILL')
          await closed
        }),
      )
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

const from =
  (ip: string, transport: Transport): Transport =>
  (sent) =>
    transport({ ...sent, headers: { ...sent.headers, 'x-forwarded-for': ip } })

/** The code in the newest mail to an address, as soon as it is there. */
export async function mailedCode(browser: Browser, to: string): Promise<string> {
  for (let tries = 0; tries < 400; tries += 1) {
    const answer = await browser.request('GET', `/dev/mail.json?to=${encodeURIComponent(to)}`)
    const codes = answer
      .json<{ messages: { subject: string }[] }>()
      .messages.map(({ subject }) => /^\d{6}/.exec(subject)?.[0])
    const code = codes.find((one) => one !== undefined)
    if (code !== undefined) return code
    await sleep(25)
  }
  throw new Error(`No code was sent to ${to}`)
}

/** Waits for the greeting, which is printed once requests are answered. */
async function isReady(child: ChildProcess): Promise<void> {
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk) => (output += chunk))
  for (let tries = 0; !output.includes('Sign in '); tries += 1) {
    if (child.exitCode !== null || tries > 1_500) throw new Error(`The server did not start:\n${output}`)
    await sleep(20)
  }
}
