import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort } from '../../tools/test/free-port.ts'
import { readAudit } from './audit.ts'
import { openMailbox } from './mailbox.ts'

export type ServerOptions = {
  /** Applied at the start; see apps/server/src/commands/blueprint. */
  blueprint?: object
  env?: Readonly<Record<string, string>>
}

export type Server = Awaited<ReturnType<typeof startServer>>

const root = join(import.meta.dirname, '../..')
const readyWithinMs = 30_000

/** Starts the server with the command that people use, on ports and a folder of its own. */
export async function startServer({ blueprint, env = {} }: ServerOptions = {}) {
  const data = await mkdtemp(join(tmpdir(), 'latchkey-e2e-'))
  const [port, demoPort] = [await freePort(), await freePort()]
  const url = `http://localhost:${port}`
  if (blueprint) await writeFile(join(data, 'blueprint.json'), JSON.stringify(blueprint))
  const child = spawn(process.execPath, ['tools/launch.cjs', 'apps/server/src/main.ts', 'dev'], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      PATH: process.env.PATH,
      PORT: String(port),
      LATCHKEY_DEMO_PORT: String(demoPort),
      LATCHKEY_DATA: data,
      ...(blueprint && { LATCHKEY_BLUEPRINT: join(data, 'blueprint.json') }),
      ...env,
    },
  })
  const printed = collect(child)
  const exited = once(child, 'exit')
  await waitUntilReady(child, printed, url)
  return {
    url,
    demoUrl: `http://localhost:${demoPort}`,
    /** The code that the terminal shows for the first administrator. */
    setupCode: /with the code (\S+)/.exec(printed.output())?.[1] ?? '',
    mail: openMailbox(url),
    /** What the audit says happened, oldest first. */
    audit: () => readAudit(join(data, 'latchkey.sqlite')),
    /** What was logged as an error. Nothing that a browser does may bring the server there. */
    errors: () => printed.errors().split('\n').filter(isError),
    /** Asks it to stop and tells how it ended: its exit code, or the signal that it did not survive. */
    async stop(): Promise<unknown> {
      child.kill('SIGTERM')
      const [exitCode, signal] = await exited
      await rm(data, { recursive: true, force: true })
      return exitCode ?? signal
    },
  }
}

type Printed = ReturnType<typeof collect>

function collect({ stdout, stderr }: ChildProcess) {
  let output = ''
  let errors = ''
  stdout?.on('data', (chunk) => {
    output += chunk
  })
  stderr?.on('data', (chunk) => {
    errors += chunk
  })
  return { output: () => output, errors: () => errors }
}

/** The last of the three lines is printed once everything listens. */
async function waitUntilReady(child: ChildProcess, printed: Printed, url: string): Promise<void> {
  const late = AbortSignal.timeout(readyWithinMs)
  while (!printed.output().includes('\nData ')) {
    const isAlive = await Promise.race([
      once(child.stdout ?? child, 'data', { signal: late }).then(() => true),
      once(child, 'exit', { signal: late }).then(() => false),
    ])
    if (!isAlive) throw new Error(`The server ended before it was ready:\n${printed.errors()}`)
  }
  const { status } = await fetch(`${url}/health/ready`)
  if (status !== 200) throw new Error(`/health/ready answers ${status}`)
}

/** Log lines are JSON with pino's levels; whatever is not JSON was printed by a failure that nobody caught. */
function isError(line: string): boolean {
  if (line.trim() === '') return false
  const level = /^\{.*"level":"?(\w+)/.exec(line)?.[1]
  return level === undefined || ['error', 'fatal', '50', '60'].includes(level)
}
