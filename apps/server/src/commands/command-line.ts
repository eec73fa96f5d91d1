import { defineCommand, renderUsage } from 'citty'
import { ConfigError } from '../config.ts'
import { isLatchkeyError } from '../platform/errors.ts'
import { type ExitCode, exitCodes } from './exit-codes.ts'
import type { Verb } from './verb.ts'

/** Each verb is loaded when it is called for: `dev` need not wait for what `doctor` imports. */
const verbs: Readonly<Record<string, () => Promise<Verb>>> = {
  dev: async () => (await import('./dev.ts')).dev,
  start: async () => (await import('./start.ts')).start,
  migrate: async () => (await import('./migrate.ts')).migrate,
  apply: async () => (await import('./apply.ts')).apply,
  doctor: async () => (await import('./doctor/index.ts')).doctor,
  token: async () => (await import('./token.ts')).token,
  'rotate-keys': async () => (await import('./rotate-keys.ts')).rotateKeys,
}

class UsageError extends Error {}

/** Runs the verb that the arguments name. @returns what the process ends with */
export async function runCommandLine(rawArgs: readonly string[]): Promise<ExitCode> {
  endWithTheReader()
  const [name = '', ...rest] = rawArgs
  if (isHelp(name) || name === 'help') return print(await usageOfAll())
  try {
    const verb = await loadVerb(name)
    if (rest.some(isHelp)) return print(await verb.usage())
    refuseUnknownArguments(verb, rest)
    return await verb.run(rest)
  } catch (failure) {
    return await explain(failure)
  }
}

/** Whoever reads may have seen enough, as `latchkey doctor | head -3` has: an end, and no failure to tell of. */
function endWithTheReader(): void {
  process.stdout.on('error', (failure) => {
    if (!('code' in failure) || failure.code !== 'EPIPE') throw failure
    process.exit(exitCodes.failed)
  })
}

const isHelp = (argument: string) => argument === '--help' || argument === '-h'

async function loadVerb(name: string): Promise<Verb> {
  const load = Object.hasOwn(verbs, name) ? verbs[name] : undefined
  if (load) return await load()
  throw new UsageError(name === '' ? 'Name a command.' : `There is no command "${name}".`)
}

/** citty takes what it does not know without a word; a mistyped option would be one that was never given. */
function refuseUnknownArguments({ args }: Verb, rest: readonly string[]): void {
  let places = Object.values(args).filter(({ type }) => type === 'positional').length
  for (let index = 0; index < rest.length; index += 1) {
    const argument = rest[index] ?? ''
    const [, option, value] = /^--?([^=]*)(=.*)?$/.exec(argument) ?? []
    if (option === undefined) places -= 1
    if (places < 0) throw new UsageError(`"${argument}" is one word too many.`)
    const type = option === undefined ? undefined : args[option]?.type
    if (option !== undefined && (type === undefined || type === 'positional'))
      throw new UsageError(`There is no option "${argument}".`)
    // The value of `--org acme` is a word of its own.
    if (type === 'string' && value === undefined) index += 1
  }
}

/** Lists all verbs, which means loading them all. */
async function usageOfAll(): Promise<string> {
  const subCommands = Object.fromEntries(
    await Promise.all(Object.entries(verbs).map(async ([name, load]) => [name, (await load()).command] as const)),
  )
  const description = 'Sign-in with passkeys: authorization server and relying party'
  return await renderUsage(defineCommand({ meta: { name: 'latchkey', description }, subCommands }))
}

function print(text: string): ExitCode {
  process.stdout.write(`${text}\n`)
  return exitCodes.fine
}

async function explain(failure: unknown): Promise<ExitCode> {
  const message = failure instanceof Error ? failure.message : String(failure)
  if (isMisuse(failure)) {
    process.stderr.write(`latchkey: ${message}\n`)
    const isUsage = failure instanceof UsageError || isCittyError(failure)
    if (isUsage) process.stderr.write('latchkey --help lists the commands and their options.\n')
    return exitCodes.misused
  }
  const cause = isLatchkeyError(failure) && failure.cause instanceof Error ? `: ${failure.cause.message}` : ''
  const isExpected = isLatchkeyError(failure) || isSystemError(failure)
  process.stderr.write(isExpected ? `latchkey: ${message}${cause}\n` : `latchkey: ${stackOf(failure)}\n`)
  return exitCodes.failed
}

function isMisuse(failure: unknown): boolean {
  const isSetting = failure instanceof ConfigError || isLatchkeyError(failure, 'database_setting_invalid')
  return failure instanceof UsageError || isSetting || isCittyError(failure)
}

function isCittyError(failure: unknown): boolean {
  return failure instanceof Error && failure.name === 'CLIError'
}

/** Says what is wrong with the machine (a port that is taken, a file that is not there), for which a stack is noise. */
function isSystemError(failure: unknown): boolean {
  return failure instanceof Error && 'syscall' in failure
}

function stackOf(failure: unknown): string {
  return failure instanceof Error ? (failure.stack ?? failure.message) : String(failure)
}
