import { describe, expect, test } from 'vitest'
import { provisionOwnOrg } from '../commands/provision.ts'
import { groundOn } from '../commands/testing/app.ts'
import { day, hour, minute } from '../platform/clock.ts'
import type { Database } from '../platform/database/index.ts'
import { databases, describeEachDatabase } from '../platform/database/testing.ts'
import { listAuthorizationServers } from '../records/authorization-servers/index.ts'
import { listEvents, recordEvent } from '../records/events/index.ts'
import { currentKey, listSigningKeys, publishedKeys } from '../records/keys/index.ts'
import { takeAttempt } from '../records/limits/index.ts'
import { countObservations, observe } from '../records/observations/index.ts'
import { getOrg } from '../records/orgs/index.ts'
import { findToken, saveToken } from '../records/tokens/index.ts'
import { removeExpired } from './remove-expired.ts'
import { ensureServerKeys, rotateKeys, rotateWhenDue, signingTimeMs } from './rotate-keys.ts'
import { numberEvents } from './sequence-events.ts'

async function open(db: Database) {
  let time = Date.now()
  const ground = groundOn(db, () => time)
  const org = await provisionOwnOrg(ground, 'https://id.example.com')
  const [server] = await listAuthorizationServers(db, org)
  if (!server) throw new Error('the org has no authorization server')
  const keys = () => listSigningKeys(db, org, server.id)
  return { ground, org, server, keys, db, now: () => time, pass: (ms: number) => (time += ms) }
}

describeEachDatabase('Signing keys', (openDb) => {
  test('sign for 90 days, then give way to one that was published long before', async () => {
    const { ground, org, server, keys, now, pass } = await open(await openDb())
    const first = currentKey(await keys(), now())
    const job = rotateKeys(ground)
    pass(signingTimeMs - hour)
    await job.run()
    expect(currentKey(await keys(), now())?.id).toBe(first?.id)
    const known = (await keys()).map(({ id }) => id)
    pass(2 * hour)
    await job.run()
    const second = currentKey(await keys(), now())
    expect(second?.id).not.toBe(first?.id)
    expect(known).toContain(second?.id)
    const events = await listEvents(ground.db, org, { limit: 100, types: ['key.rotated'] })
    expect(events.map(({ details }) => details.serverId)).toContain(server.id)
  })

  test('of the past stay published until their last token has expired, then go', async () => {
    const { ground, keys, now, pass, server } = await open(await openDb())
    const first = currentKey(await keys(), now())
    pass(signingTimeMs + hour)
    await rotateKeys(ground).run()
    pass(server.settings.accessTokenLifetimeMs - minute)
    await removeExpired(ground).run()
    expect(publishedKeys(await keys(), now()).map(({ id }) => id)).toContain(first?.id)
    pass(2 * minute)
    await removeExpired(ground).run()
    expect((await keys()).map(({ id }) => id)).not.toContain(first?.id)
  })

  test('are not rotated twice when two processes find them due', async () => {
    const { ground, org, server, keys, pass } = await open(await openDb())
    pass(signingTimeMs + hour)
    const rotations = await Promise.all([1, 2, 3].map(() => rotateWhenDue(ground, org, server)))
    expect(rotations.filter((rotation) => rotation !== undefined)).toHaveLength(1)
    expect((await keys()).filter(({ signsUntil }) => signsUntil !== null)).toHaveLength(1)
    expect(await keys()).toHaveLength(3)
  })

  test('that are there cost no new version of the org and no event', async () => {
    const { ground, org, server } = await open(await openDb())
    const before = await getOrg(ground.db, org)
    await ensureServerKeys(ground, org, server)
    await rotateKeys(ground).run()
    expect(await getOrg(ground.db, org)).toEqual(before)
    expect(await listEvents(ground.db, org, { limit: 9, types: ['key.rotated'] })).toEqual([])
  })
})

describeEachDatabase('What has expired', (openDb) => {
  test('is removed, and what has not stays', async () => {
    const { ground, org, db, now, pass } = await open(await openDb())
    const keep = (value: string, expiresAt: number) =>
      saveToken(db, org, { kind: 'code', value, details: {}, expiresAt }, now())
    await keep('short', now() + minute)
    await keep('long', now() + day)
    await observe(db, org, { name: 'prompt.shown', surface: 'hosted', at: now(), details: {}, keepForMs: minute })
    await takeAttempt(db, org, 'a limit', { limit: 1, windowMs: minute }, now())
    const start = now()
    pass(2 * minute)
    await removeExpired(ground).run()
    // Read at the time when they were valid: what is not found then is gone from the table.
    expect(await findToken(db, org, 'code', 'short', start)).toBeUndefined()
    expect(await findToken(db, org, 'code', 'long', start)).toBeDefined()
    expect(await countObservations(db, org, { since: 0 })).toEqual([])
    expect((await takeAttempt(db, org, 'a limit', { limit: 1, windowMs: minute }, start)).allowed).toBe(true)
  })
})

describeEachDatabase('Events', (openDb) => {
  test('get numbers without gaps, and none is numbered twice', async () => {
    const { ground, org, db, now } = await open(await openDb())
    for (let count = 0; count < 30; count += 1) await recordEvent(db, org, 'mail.sent', { at: now() })
    await Promise.all([numberEvents(ground).run(), numberEvents(ground).run()])
    const numbers = (await listEvents(db, org, { limit: 1_000, afterSequence: 0 })).map(({ sequence }) => sequence)
    expect(numbers.length).toBeGreaterThanOrEqual(30)
    expect(numbers).toEqual(numbers.map((_number, index) => index + 1))
  })
})

const [sqlite] = databases
if (!sqlite) throw new Error('there is no SQLite')

describe('The upkeep of one org', () => {
  test('that fails does not keep the others from theirs', async () => {
    const { ground, keys, now, pass } = await open(await sqlite.open())
    const broken = {
      ...ground,
      vault: {
        ...ground.vault,
        encrypt: () => {
          throw new Error('no key')
        },
      },
    }
    pass(signingTimeMs + hour)
    await expect(rotateKeys(broken).run()).rejects.toBeInstanceOf(AggregateError)
    await rotateKeys(ground).run()
    expect(currentKey(await keys(), now())?.createdAt).toBeDefined()
  })
})
