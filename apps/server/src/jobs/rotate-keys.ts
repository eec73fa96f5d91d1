import { day, hour } from '../platform/clock.ts'
import { inTransaction } from '../platform/database/index.ts'
import { isLatchkeyError } from '../platform/errors.ts'
import type { Ground } from '../platform/ground.ts'
import { type AuthorizationServer, listAuthorizationServers } from '../records/authorization-servers/index.ts'
import { recordEvent } from '../records/events/index.ts'
import {
  currentKey,
  ensureSigningKeys,
  type KeyId,
  listSigningKeys,
  newSigningKey,
  type Rotation,
  rotateSigningKeys,
} from '../records/keys/index.ts'
import { listOrgs, type OrgId } from '../records/orgs/index.ts'
import { errors } from './errors.ts'
import type { Job } from './runner.ts'

type Deps = Pick<Ground, 'db' | 'vault' | 'now'>

/** How long a key signs before the next takes over. */
export const signingTimeMs = 90 * day

/** Sees to it that every authorization server has its keys, and changes those that have signed for long enough. */
export function rotateKeys(deps: Deps): Job {
  return {
    name: 'rotate-keys',
    everyMs: hour,
    isExclusive: true,
    async run() {
      const failures: unknown[] = []
      for (const { id: org } of await listOrgs(deps.db)) {
        for (const server of await listAuthorizationServers(deps.db, org))
          await rotateWhenDue(deps, org, server).catch((failure: unknown) => failures.push(failure))
      }
      if (failures.length > 0) throw new AggregateError(failures, 'some signing keys could not be rotated')
      return false
    },
  }
}

/** @returns undefined where nothing was due, or another process was faster */
export async function rotateWhenDue(
  deps: Deps,
  org: OrgId,
  server: AuthorizationServer,
): Promise<Rotation | undefined> {
  const at = deps.now()
  const algorithm = server.settings.signingAlgorithm
  await ensureServerKeys(deps, org, server)
  const current = currentKey(await listSigningKeys(deps.db, org, server.id), at, algorithm)
  const isDue = current && current.signsUntil === null && current.signsFrom + signingTimeMs <= at
  if (!isDue) return undefined
  try {
    return await rotateServerKeys(deps, org, server, { immediately: false, retires: current.id })
  } catch (failure) {
    if (isLatchkeyError(failure, 'key_rotated_already')) return undefined
    throw failure
  }
}

/** Makes the keys that a server lacks, the one that signs and the next one, and records it. */
export async function ensureServerKeys(
  { db, vault, now }: Deps,
  org: OrgId,
  server: AuthorizationServer,
): Promise<void> {
  const at = now()
  const { signingAlgorithm: algorithm } = server.settings
  const wereMade = await ensureSigningKeys(db, vault, org, server.id, algorithm, at)
  if (wereMade) await recordEvent(db, org, 'key.created', { at, details: { serverId: server.id, algorithm } })
}

/**
 * Lets the next key of a server take over, makes the one after it, and records it.
 *
 * @param options.retires the key that was found due; where another process has retired it meanwhile, nothing changes
 * @returns undefined where a rotation is under way already
 * @throws {LatchkeyError} `key_rotated_already`
 */
export async function rotateServerKeys(
  deps: Deps,
  org: OrgId,
  server: AuthorizationServer,
  { immediately, retires }: { immediately: boolean; retires?: KeyId },
): Promise<Rotation | undefined> {
  const { signingAlgorithm: algorithm, accessTokenLifetimeMs, idTokenLifetimeMs } = server.settings
  const tokenLifetimeMs = Math.max(accessTokenLifetimeMs, idTokenLifetimeMs)
  const { db, vault, now } = deps
  await ensureServerKeys(deps, org, server)
  // Made before the transaction: an RSA key takes a tenth of a second, in which SQLite's writer would wait.
  const spare = await newSigningKey(algorithm)
  return await inTransaction(db, async (tx) => {
    const at = now()
    const options = { tokenLifetimeMs, immediately, spare, algorithm }
    const rotation = await rotateSigningKeys(tx, vault, org, server.id, at, options)
    // Only now is it certain: the rotation waited for whoever was changing this org.
    if (rotation && retires !== undefined && rotation.retired !== retires) throw errors.key_rotated_already()
    if (rotation) await recordEvent(tx, org, 'key.rotated', { at, details: { serverId: server.id, ...rotation } })
    return rotation
  })
}
