import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Pinning } from './machine.ts'

/** What a process has used since it began. */
export type Usage = { cpuMs: number; rssBytes: number }

/** A process that is measured from outside. */
export type Child = {
  usage(): Promise<Usage>
  /** The next thing that the program tells by itself, once `isWanted` knows it. */
  told<T>(isWanted: (message: unknown) => message is T): Promise<T>
  /** Fails when the process ends by itself. */
  readonly ended: Promise<never>
  stop(): Promise<void>
}

export type ChildOptions = {
  /** A program of the benchmark, or the words after `node` for one of the repository. */
  program: URL | readonly string[]
  environment?: Readonly<Record<string, string>>
  /** Left out: wherever the system puts it. */
  pinning?: Pinning | undefined
  /** Where to write a CPU profile when the process ends. */
  profileFolder?: string | undefined
}

const root = join(import.meta.dirname, '..')
// Plain JavaScript: the first TypeScript file loads the compiler, which `npm start` spares itself by its cache.
const reportUsage = new URL('./children/report-usage.mjs', import.meta.url)

/** Starts a program of this repository under Node. */
export function startChild({ program, environment, pinning, profileFolder }: ChildOptions): Child {
  const profiling = profileFolder === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${profileFolder}`]
  const words = program instanceof URL ? [fileURLToPath(program)] : program
  const command = [process.execPath, ...profiling, '--import', reportUsage.href, ...words] as const
  const [file, ...parameters] = pinning?.server(command) ?? command
  const child = spawn(file, parameters, {
    cwd: root,
    env: { PATH: process.env.PATH, HOME: process.env.HOME, NODE_ENV: 'production', ...environment },
    // Its log is written as in earnest, to where nobody reads it.
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  })
  const ended = watchEnd(child)
  const told = <T>(isWanted: (message: unknown) => message is T) => Promise.race([nextMessage(child, isWanted), ended])
  return {
    ended,
    told,
    async usage() {
      const answer = told(isUsage)
      child.send('usage')
      return await answer
    },
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return
      const stopped = once(child, 'exit')
      child.kill('SIGTERM')
      await stopped
    },
  }
}

/** Fails when the process ends before its time, with what it wrote last. */
function watchEnd(child: ChildProcess): Promise<never> {
  let written = ''
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    written = (written + text).slice(-4_000)
  })
  const failure = new Promise<never>((_resolve, reject) => {
    child.once('error', reject)
    child.once('exit', (code, signal) => reject(new Error(`the process ended (${code ?? signal}): ${written}`)))
  })
  // Whoever waits for an answer hears of it; nobody waits once the process was stopped.
  failure.catch(() => undefined)
  return failure
}

function nextMessage<T>(child: ChildProcess, isWanted: (message: unknown) => message is T): Promise<T> {
  return new Promise((resolve) => {
    const look = (message: unknown) => {
      if (!isWanted(message)) return
      child.off('message', look)
      resolve(message)
    }
    child.on('message', look)
  })
}

function isUsage(message: unknown): message is Usage {
  return typeof message === 'object' && message !== null && 'cpuMs' in message && 'rssBytes' in message
}
