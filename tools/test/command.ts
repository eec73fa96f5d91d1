import { type ChildProcess, spawn } from 'node:child_process'
import { delimiter, join } from 'node:path'

export const root = join(import.meta.dirname, '../..')

const running = new Set<ChildProcess>()

type Options = { readonly env?: NodeJS.ProcessEnv; readonly isQuiet?: boolean }

/**
 * Runs a program, found among the packages first, in the root of the repository; resolves to whether it ended well.
 * A quiet one is heard only when it fails.
 */
export async function run(program: string, args: readonly string[], options: Options = {}): Promise<boolean> {
  const path = [join(root, 'node_modules', '.bin'), process.env.PATH].join(delimiter)
  const output = options.isQuiet ? 'pipe' : 'inherit'
  const child = spawn(program, args, {
    cwd: root,
    env: { ...process.env, PATH: path, ...options.env },
    stdio: ['ignore', output, output],
  })
  running.add(child)
  let words = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (chunk: Buffer) => {
      words += chunk.toString()
    })
  }
  const reason = await new Promise<string | undefined>((resolve) => {
    child.on('error', (error) => resolve(error.message))
    child.on('close', (code, signal) => resolve(code === 0 ? undefined : `ended with ${signal ?? code}`))
  })
  running.delete(child)
  if (reason !== undefined) console.log(`${words}${program} ${args[0] ?? ''}: ${reason}`)
  return reason === undefined
}

/** Stops what is running, for a run that is interrupted. */
export function stopAll(): void {
  for (const child of running) child.kill('SIGTERM')
}
