import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { type IncomingMessage, request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll } from 'vitest'
import { freePort } from '../../../../../tools/test/free-port.ts'

const binary = join(import.meta.dirname, '../../../bin/latchkey.cjs')
const secret = 'a-key-for-tests-with-32-characters'

export type Environment = Record<string, string>
type Child = ChildProcessByStdio<null, Readable, Readable>

const children = new Set<Child>()
const folders: string[] = []
afterAll(() => {
  for (const child of children) child.kill('SIGKILL')
  for (const folder of folders) rmSync(folder, { recursive: true, force: true })
})

export function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'latchkey-command-'))
  folders.push(folder)
  return folder
}

/** Settings with which `start` starts, on loopback and with data of the test's own. */
export async function productionSettings(): Promise<Environment> {
  const port = await freePort()
  return {
    PORT: String(port),
    LATCHKEY_URL: `http://localhost:${port}`,
    LATCHKEY_BIND: 'localhost',
    LATCHKEY_DATA: newFolder(),
    LATCHKEY_SECRET_KEY: secret,
  }
}

/** Runs the real binary to its end. */
export async function runLatchkey(args: readonly string[], environment: Environment = {}) {
  const child = spawnLatchkey(args, environment)
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')])
  return { code: child.exitCode, stdout, stderr }
}

/** Runs the real binary for a reader who has gone before the first word. */
export async function runLatchkeyUnheard(args: readonly string[], environment: Environment = {}) {
  const child = spawnLatchkey(args, environment)
  child.stdout.destroy()
  const [stderr] = await Promise.all([text(child.stderr), once(child, 'close')])
  return { code: child.exitCode, stderr }
}

export type RunningServer = {
  stdout(): string
  stderr(): string
  /** Sends a signal and waits for the end. */
  stop(signal?: NodeJS.Signals): Promise<{ code: number | null; tookMs: number }>
}

/** Starts the real binary and answers once it has printed something that matches. */
export async function startLatchkey(args: readonly string[], environment: Environment, isReady: RegExp) {
  const child = spawnLatchkey(args, environment)
  let [out, err] = ['', '']
  child.stdout.setEncoding('utf8').on('data', (chunk) => (out += chunk))
  child.stderr.setEncoding('utf8').on('data', (chunk) => (err += chunk))
  const closed = once(child, 'close')
  for (let waited = 0; !isReady.test(out); waited += 20) {
    if (child.exitCode !== null || waited > 30_000) throw new Error(`The server did not start:\n${out}\n${err}`)
    await sleep(20)
  }
  const server: RunningServer = {
    stdout: () => out,
    stderr: () => err,
    async stop(signal = 'SIGTERM') {
      const startedAt = performance.now()
      child.kill(signal)
      await closed
      return { code: child.exitCode, tookMs: performance.now() - startedAt }
    },
  }
  return server
}

function spawnLatchkey(args: readonly string[], environment: Environment): Child {
  // Of the machine's own settings nothing may leak in.
  const { PATH = '', HOME = '' } = process.env
  const env = { PATH, HOME, NO_COLOR: '1', ...environment }
  const child = spawn(process.execPath, [binary, ...args], { env, stdio: ['ignore', 'pipe', 'pipe'], cwd: newFolder() })
  children.add(child)
  child.once('close', () => children.delete(child))
  return child
}

/** Asks a server on this machine under a host name of the test's choice. */
export async function get(port: string, path: string, host = `localhost:${port}`) {
  const asked = request({ host: 'localhost', port, path, headers: { host } }).end()
  const [response]: IncomingMessage[] = await once(asked, 'response')
  return { status: response?.statusCode, body: response ? await text(response) : '' }
}
