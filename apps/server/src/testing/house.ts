import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createHouse, type House } from '../app.ts'
import { provisionOwnOrg } from '../commands/provision.ts'
import type { Config } from '../config.ts'
import type { DatabaseAddress } from '../platform/database/index.ts'
import { newId } from '../platform/ids.ts'
import { openLog } from '../platform/log.ts'
import { createClock, type TestClock } from './clock.ts'
import { type NewOrgOptions, newOrg, openOrg, type TestOrg } from './org.ts'

export type TestHouseOptions = {
  /** Where the database is; a SQLite file of its own unless named. */
  database?: DatabaseAddress
  /** Any setting in place of the test's own. */
  config?: Partial<Config>
  clock?: TestClock
  /** What is logged is kept in `logLines`. */
  logLevel?: Config['logLevel']
}

export type TestHouse = House & {
  clock: TestClock
  /** Every line of the log, as it would stand on standard output. */
  logLines: string[]
  /** The org at the server's own address, provisioned with its keys as every start does. */
  ownOrg(): Promise<TestOrg>
  /** A fresh org of its own address. Without keys unless asked: most tests sign no tokens, and keys take a second. */
  newOrg(options?: NewOrgOptions): Promise<TestOrg>
}

/**
 * Opens a house as `start` does, behind TLS at https://id.latchkey.test, with nothing listening; close it when done.
 *
 * Jobs do not run by themselves; `TestOrg.mail` delivers what is due when it is asked for.
 */
export async function openHouse(options: TestHouseOptions = {}): Promise<TestHouse> {
  const { clock = createClock() } = options
  const folder = options.database ? undefined : mkdtempSync(join(tmpdir(), 'latchkey-house-'))
  const address = options.database ?? { sqlite: join(folder ?? '', 'latchkey.sqlite') }
  const logLines: string[] = []
  const destination = { write: (line: string) => void logLines.push(line) }
  const log = openLog({ level: options.logLevel ?? 'silent', destination })
  const config = configFor(address, options.config)
  const house = await createHouse({ config, log, now: clock })
  let own: Promise<TestOrg> | undefined
  const test: TestHouse = {
    ...house,
    clock,
    logLines,
    ownOrg: () => (own ??= provisionOwnOrg(house.ground, config.url).then((id) => openOrg(test, id))),
    newOrg: (org) => newOrg(test, org),
    async close() {
      await house.close()
      if (folder) rmSync(folder, { recursive: true, force: true })
    },
  }
  return test
}

function configFor(address: DatabaseAddress, settings: Partial<Config> = {}): Config {
  return Object.freeze({
    mode: 'start',
    url: 'https://id.latchkey.test',
    port: 0,
    bind: '127.0.0.1',
    // Holds nothing but the bundled scripts, which are named by their content, so that houses share them.
    dataDirectory: join(tmpdir(), `latchkey-test-data-${process.getuid?.() ?? 0}`),
    database: 'sqlite' in address ? address.sqlite : address.postgres,
    secretKeys: [`the secret key of a test, ${newId('tst')}`] as const,
    blueprint: undefined,
    trustedProxies: [],
    smtpUrl: undefined,
    mailFrom: 'Latchkey <no-reply@latchkey.test>',
    logLevel: 'silent',
    demoPort: 8081,
    metricsToken: undefined,
    ...settings,
  })
}
