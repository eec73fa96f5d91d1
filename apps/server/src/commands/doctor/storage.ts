import { statfs } from 'node:fs/promises'
import { dirname } from 'node:path'
import { migrationStatus, migrations, pingDatabase } from '../../platform/database/index.ts'
import { readPragmas } from '../../platform/database/pragmas.ts'
import { listAuthorizationServers } from '../../records/authorization-servers/index.ts'
import { listSigningKeys, loadPrivateKey } from '../../records/keys/index.ts'
import { listOrgs } from '../../records/orgs/index.ts'
import { type Check, type Finding, fail, ok, type Patient, warn } from './finding.ts'

const megabyte = 1024 * 1024
const isServer = ({ config }: Patient) => config.database.includes('://')

async function checkDatabase(patient: Patient): Promise<Finding> {
  const { ground } = patient
  if (!ground) return fail('was not opened', 'See the line above.')
  await pingDatabase(ground.db)
  const { applied, pending, unknown } = await migrationStatus(ground.db, migrations)
  const where = isServer(patient) ? 'PostgreSQL answers' : `SQLite at ${patient.config.database}`
  if (pending.length > 0) return fail(`${where}, but ${pending.length} migrations are missing`, 'Run: latchkey migrate')
  if (unknown.length > 0)
    return warn(`${where}, migrated by a newer release`, 'Bring this installation to the same release.')
  return ok(`${where}, ${applied.length} migrations applied`)
}

/** What SQLite promises about a power cut depends on these. */
async function checkDurability(patient: Patient): Promise<Finding | readonly Finding[]> {
  if (isServer(patient) || !patient.ground) return []
  const { journalMode, synchronous, foreignKeys } = await readPragmas(patient.ground.db)
  const found = `journal ${journalMode}, synchronous ${synchronous}, foreign keys ${foreignKeys ? 'on' : 'off'}`
  if (journalMode === 'wal' && synchronous === 'FULL' && foreignKeys) return ok(found)
  return fail(
    found,
    'Expected wal, FULL and on. Keep the data folder on a local disk: network file systems lose writes.',
  )
}

async function checkDisk(patient: Patient): Promise<Finding | readonly Finding[]> {
  if (isServer(patient)) return []
  const folder = dirname(patient.config.database)
  const { bavail, bsize } = await statfs(folder)
  const free = Math.floor((bavail * bsize) / megabyte)
  const found = `${free} MB free in ${folder}`
  if (free < 100) return fail(found, 'Make room: without it no sign-in can be kept.')
  return free < 1024 ? warn(found, 'Make room before it runs out.') : ok(found)
}

/** A key that somebody typed is found by trying, however long it is. */
async function checkSecretKeys({ config }: Patient): Promise<Finding> {
  const weak = config.secretKeys.some((key) => new Set(key).size < 12 || /^(.{1,8})\1+$/.test(key))
  if (weak) return warn('a secret key repeats itself', 'Make a new one and put it first: openssl rand -base64 32')
  return ok(config.secretKeys.length === 1 ? 'one' : `${config.secretKeys.length}, the first one encrypts`)
}

/** The settings may name a key, and the data may have been encrypted with another. */
async function checkSigningKeys({ ground }: Patient): Promise<Finding> {
  if (!ground) return fail('cannot be looked at', 'See the database.')
  const { db, vault } = ground
  let count = 0
  for (const org of await listOrgs(db)) {
    for (const server of await listAuthorizationServers(db, org.id)) {
      for (const key of await listSigningKeys(db, org.id, server.id)) {
        try {
          await loadPrivateKey(db, vault, org.id, server.id, key.id)
        } catch {
          return fail(
            `the key ${key.id} of ${org.id}/${server.id} cannot be decrypted`,
            'Add the LATCHKEY_SECRET_KEY that it was encrypted with, after the new one and separated by a space.',
          )
        }
        count += 1
      }
    }
  }
  if (count === 0) return warn('there are none yet', 'They are made at the first start.')
  return ok(`${count} can be used`)
}

export const storageChecks: readonly Check[] = [
  { name: 'database', run: checkDatabase },
  { name: 'durability', run: checkDurability },
  { name: 'disk', run: checkDisk },
  { name: 'secret key', run: checkSecretKeys },
  { name: 'signing keys', run: checkSigningKeys },
]
