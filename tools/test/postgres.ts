/**
 * A real PostgreSQL server for the tests: its own folder, a free loopback port, gone when the process is.
 *
 * By hand: `node tools/test/postgres.ts` prints the URL for `LATCHKEY_TEST_POSTGRES` and the folder, and serves until it is stopped.
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { chownSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { freePort } from './free-port.ts'

export type PostgresServer = {
  /** Of the superuser, to the database `postgres`. */
  readonly url: string
  /** Where its data is, and only its data. */
  readonly folder: string
  /** Kills the server as a power cut would, and starts it again on the same data and port. */
  crashAndRestart(): Promise<void>
  stop(): Promise<void>
}

type Account = { readonly uid: number; readonly gid: number }
type Cluster = { readonly bin: string; readonly folder: string; readonly account: Account | undefined }

const host = '127.0.0.1'
const startingTime = 30_000

/** Finds the newest installed server, in Debian's place or on the PATH; undefined when there is none. */
export function findPostgres(): string | undefined {
  const debian = '/usr/lib/postgresql'
  const versions = existsSync(debian) ? readdirSync(debian).sort((a, b) => Number(b) - Number(a)) : []
  const folders = [
    ...versions.map((version) => join(debian, version, 'bin')),
    ...(process.env.PATH ?? '').split(delimiter),
  ]
  return folders.find((folder) => existsSync(join(folder, 'initdb')) && existsSync(join(folder, 'postgres')))
}

/**
 * Starts a server on fresh data and resolves once it answers.
 *
 * Any number may run side by side. What is left when the process ends, by whatever signal it can hear, is removed.
 */
export async function startPostgres(): Promise<PostgresServer> {
  const bin = findPostgres()
  if (!bin) throw new Error('PostgreSQL is not installed: on Debian, run apt-get install postgresql')
  const cluster = createCluster(bin)
  try {
    let running = await startOnFreePort(cluster)
    const { port } = running
    const remove = removeAtExit(cluster, () => running.process)
    return {
      url: `postgres://postgres@${host}:${port}/postgres`,
      folder: cluster.folder,
      async crashAndRestart() {
        await end(running.process, 'SIGKILL')
        running = { port, process: await restart(cluster, port) }
      },
      async stop() {
        // PostgreSQL's fast shutdown: it ends the sessions that are open and keeps its data in order.
        await end(running.process, 'SIGINT')
        remove()
      },
    }
  } catch (thrown) {
    rmSync(cluster.folder, { recursive: true, force: true })
    throw thrown
  }
}

function createCluster(bin: string): Cluster {
  const folder = mkdtempSync(join(tmpdir(), 'latchkey-postgres-'))
  // PostgreSQL refuses to run as root, and needs a working directory that its own user may enter.
  const account = process.getuid?.() === 0 ? accountOf('postgres') : undefined
  if (account) chownSync(folder, account.uid, account.gid)
  execFileSync(
    join(bin, 'initdb'),
    // Not waiting for the disk here leaves the server's own durability as it is.
    [
      '--pgdata',
      join(folder, 'data'),
      '--username=postgres',
      '--auth=trust',
      '--encoding=UTF8',
      '--locale=C',
      '--no-sync',
    ],
    { ...account, cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] },
  )
  return { bin, folder, account }
}

function accountOf(name: string): Account {
  const id = (flag: string) => Number(execFileSync('id', [flag, name], { encoding: 'utf8' }))
  return { uid: id('-u'), gid: id('-g') }
}

type Running = { readonly port: number; readonly process: ChildProcess }

/** A free port may be taken by somebody else before the server has it: then another one is tried. */
async function startOnFreePort(cluster: Cluster): Promise<Running> {
  for (let attempt = 1; ; attempt += 1) {
    const port = await freePort(host)
    try {
      return { port, process: await serve(cluster, port) }
    } catch (thrown) {
      if (attempt === 5) throw thrown
    }
  }
}

async function serve({ bin, folder, account }: Cluster, port: number): Promise<ChildProcess> {
  const data = join(folder, 'data')
  const settings = [`listen_addresses=${host}`, `port=${port}`, 'unix_socket_directories=', 'max_connections=200']
  const server = spawn(
    join(bin, 'postgres'),
    ['-D', data, ...settings.flatMap((setting) => ['-c', setting])],
    // A group of its own: an interrupt at the terminal reaches us, and we stop it.
    { ...account, cwd: folder, stdio: ['ignore', 'ignore', 'pipe'], detached: true },
  )
  let words = ''
  server.stderr?.on('data', (chunk: Buffer) => {
    words = (words + chunk.toString()).slice(-4_000)
  })
  const until = Date.now() + startingTime
  while (!isReady(data, server)) {
    if (hasEnded(server) || Date.now() > until) {
      await end(server, 'SIGKILL')
      throw new Error(`PostgreSQL did not start:\n${words}`)
    }
    await sleep(20)
  }
  return server
}

/** Reads what pg_ctl reads: asking the port could be answered by another server. */
function isReady(data: string, server: ChildProcess): boolean {
  const file = join(data, 'postmaster.pid')
  const lines = existsSync(file) ? readFileSync(file, 'utf8').split('\n') : []
  return Number(lines[0]) === server.pid && lines[7]?.trim() === 'ready'
}

/** The killed server's sessions may hold its memory for a moment longer, during which it does not start. */
async function restart(cluster: Cluster, port: number): Promise<ChildProcess> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await serve(cluster, port)
    } catch (thrown) {
      if (attempt === 20) throw thrown
      await sleep(100)
    }
  }
}

function hasEnded(server: ChildProcess): boolean {
  return server.exitCode !== null || server.signalCode !== null
}

async function end(server: ChildProcess, signal: 'SIGINT' | 'SIGKILL'): Promise<void> {
  if (hasEnded(server)) return
  await new Promise((resolve) => {
    server.once('exit', resolve)
    server.kill(signal)
  })
}

/** Leaves nothing behind when the process ends before `stop` was called. */
function removeAtExit(cluster: Cluster, server: () => ChildProcess): () => void {
  const remove = () => {
    process.off('exit', remove)
    for (const signal of signals) process.off(signal, stop)
    // Killed, it writes nothing more into the folder; its sessions end by themselves when they miss it.
    server().kill('SIGKILL')
    rmSync(cluster.folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 })
  }
  const stop = (signal: NodeJS.Signals) => {
    remove()
    process.kill(process.pid, signal)
  }
  process.on('exit', remove)
  for (const signal of signals) process.on(signal, stop)
  return remove
}

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

if (import.meta.main) {
  const server = await startPostgres()
  console.log(`${server.url}\n${server.folder}`)
  setInterval(() => {}, 60_000)
}
