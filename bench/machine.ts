import { execFileSync } from 'node:child_process'
import { availableParallelism } from 'node:os'

/** Where the server under test and the load run, so that neither takes time from the other. */
export type Pinning = {
  /** Runs a command on the server's core. */
  server(command: readonly string[]): readonly [string, ...string[]]
  /** What the report says about it. */
  readonly words: string
}

/** Of util-linux; not on every system. */
const taskset = 'taskset'
const serverCore = 0
const loadCore = 1

/** Gives the server a core of its own and moves this process to another, where the machine can do that. */
export function pin(): Pinning {
  const cores = availableParallelism()
  if (cores < 2 || !moveToLoadCore())
    return {
      server: ([program = process.execPath, ...rest]) => [program, ...rest],
      words: cores < 2 ? 'not pinned: the machine has one core, shared with the load' : 'not pinned: no taskset here',
    }
  return {
    server: (command) => [taskset, '-c', String(serverCore), ...command],
    words: 'server pinned to one core, load on another',
  }
}

/** All threads of this process: those that are there already would stay where they are. */
function moveToLoadCore(): boolean {
  try {
    execFileSync(taskset, ['--all-tasks', '--cpu-list', '--pid', String(loadCore), String(process.pid)], {
      stdio: 'ignore',
    })
    return true
  } catch {
    return false
  }
}
