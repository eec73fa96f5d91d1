import { migrationStatus, migrations, pingDatabase } from '../../platform/database/index.ts'
import type { Ground } from '../../platform/ground.ts'
import { listAuthorizationServers } from '../../records/authorization-servers/index.ts'
import { currentKey, listSigningKeys } from '../../records/keys/index.ts'
import { listOrgs } from '../../records/orgs/index.ts'

type CheckName = 'database' | 'migrations' | 'keys'
export type Readiness = { status: 'ok' | 'unavailable'; checks: Partial<Record<CheckName, 'ok' | 'failed'>> }

type Deps = Pick<Ground, 'db' | 'now' | 'log'>

/** In this order: where the database does not answer, the rest need not be asked. */
const checks: readonly [CheckName, (deps: Deps) => Promise<boolean>][] = [
  ['database', isReachable],
  ['migrations', isMigrated],
  ['keys', hasKeys],
]

/** Makes the check of whether this process can serve. Why not is logged, since the answer is for anyone to read. */
export function createReadiness(deps: Deps): () => Promise<Readiness> {
  const settled = new Set<CheckName>()
  return async () => {
    const readiness: Readiness = { status: 'ok', checks: {} }
    for (const [name, check] of checks) {
      const isOk = settled.has(name) || (await passes(deps, name, check))
      // A schema that is up to date stays so: migrations are not undone.
      if (isOk && name === 'migrations') settled.add(name)
      readiness.checks[name] = isOk ? 'ok' : 'failed'
      if (isOk) continue
      readiness.status = 'unavailable'
      break
    }
    return readiness
  }
}

async function passes(deps: Deps, check: CheckName, run: (deps: Deps) => Promise<boolean>): Promise<boolean> {
  try {
    const isOk = await run(deps)
    if (!isOk) deps.log.warn({ check }, 'not ready')
    return isOk
  } catch (failure) {
    deps.log.warn({ check, err: failure }, 'not ready')
    return false
  }
}

async function isReachable({ db }: Deps): Promise<boolean> {
  await pingDatabase(db)
  return true
}

async function isMigrated({ db }: Deps): Promise<boolean> {
  return (await migrationStatus(db, migrations)).pending.length === 0
}

/** Looks at the first org only: there may be thousands, and each gets its keys in the same way. */
async function hasKeys({ db, now }: Deps): Promise<boolean> {
  const [org] = await listOrgs(db)
  if (!org) return false
  for (const server of await listAuthorizationServers(db, org.id)) {
    const keys = await listSigningKeys(db, org.id, server.id)
    if (!currentKey(keys, now(), server.settings.signingAlgorithm)) return false
  }
  return true
}
