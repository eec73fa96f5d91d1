/**
 * Doctor: looks at an installation from inside and outside, and says what to do.
 *
 * Owns: the list of checks and how a finding is told. Each check is independent: one that cannot run says so and the
 * next goes on.
 * Does not own: whether the server may start (`config.ts` refuses), whether it is ready (`endpoints/health`).
 */
import { type Config, ConfigError, readConfig } from '../../config.ts'
import { systemClock } from '../../platform/clock.ts'
import { closeDatabase, openDatabase, parseDatabaseUrl } from '../../platform/database/index.ts'
import type { Ground } from '../../platform/ground.ts'
import { openVault } from '../../platform/vault.ts'
import { exitCodes } from '../exit-codes.ts'
import { openErrorLog } from '../ground.ts'
import { defineVerb } from '../verb.ts'
import { addressChecks } from './address.ts'
import { type Check, type Finding, fail, ok, type Patient, wordsOf } from './finding.ts'
import { mailChecks } from './mail.ts'
import { storageChecks } from './storage.ts'

export const doctor = defineVerb({
  name: 'doctor',
  description: 'Check address, passkey settings, clock, database, keys and mail, and say what to do.',
  async run() {
    const isWell = await examine((line) => process.stdout.write(`${line}\n`))
    return isWell ? exitCodes.fine : exitCodes.failed
  },
})

/** Runs every check. @returns false when one failed; a warning is no failure */
async function examine(print: (line: string) => void): Promise<boolean> {
  let isWell = true
  const tell = (name: string, finding: Finding) => {
    if (finding.status === 'fail') isWell = false
    print(lineOf(name, finding))
  }
  const config = readSettings(tell)
  if (!config) return false
  const ground = await openGround(config, tell)
  try {
    for (const check of [...addressChecks, ...storageChecks, ...mailChecks]) {
      for (const finding of await run(check, { config, ground })) tell(check.name, finding)
    }
  } finally {
    if (ground) await closeDatabase(ground.db)
  }
  return isWell
}

type Tell = (name: string, finding: Finding) => void

function readSettings(tell: Tell): Config | undefined {
  try {
    const config = readConfig(undefined)
    tell('settings', ok(config.mode === 'dev' ? 'of a development server' : 'fit for production'))
    return config
  } catch (failure) {
    if (!(failure instanceof ConfigError)) throw failure
    tell('settings', fail(failure.message, 'Run the doctor with the settings of the server.'))
    return undefined
  }
}

/** Opens the database without migrating it: whether that is due is one of the findings. */
async function openGround(config: Config, tell: Tell): Promise<Ground | undefined> {
  const log = openErrorLog('silent')
  try {
    const db = await openDatabase(parseDatabaseUrl(config.database), { log })
    return { db, now: systemClock, log, vault: openVault(config.secretKeys) }
  } catch (failure) {
    tell('database', fail(wordsOf(failure), 'Check LATCHKEY_DATABASE, and that the database runs and lets us in.'))
    return undefined
  }
}

async function run(check: Check, patient: Patient): Promise<readonly Finding[]> {
  try {
    return [await check.run(patient)].flat()
  } catch (failure) {
    return [
      fail(`could not be checked: ${wordsOf(failure)}`, 'Put right what is said above, and run the doctor again.'),
    ]
  }
}

function lineOf(name: string, finding: Finding): string {
  const told = `${finding.status.padEnd(4)}  ${name.padEnd(12)}  ${finding.found}`
  return finding.status === 'ok' ? told : `${told}. ${finding.advice}`
}
