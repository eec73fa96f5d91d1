import { describe, expect, test } from 'vitest'
import { provisionOwnOrg } from '../../commands/provision.ts'
import { groundOn, openApp } from '../../commands/testing/app.ts'
import { day } from '../../platform/clock.ts'
import { closeDatabase, openDatabase } from '../../platform/database/index.ts'
import { databases, describeEachDatabase } from '../../platform/database/testing.ts'
import type { Ground } from '../../platform/ground.ts'
import { mountHealth } from './index.ts'

const url = 'https://id.example.com'
const open = (ground: Ground) => openApp(ground, { mode: 'start', url }, (app) => mountHealth(app, ground))

describeEachDatabase('Health', (openDb) => {
  test('is live and ready once the server is set up, on any host', async () => {
    const ground = groundOn(await openDb())
    await provisionOwnOrg(ground, url)
    const app = open(ground)
    const headers = { host: '10.0.0.7:8080' }
    expect((await app.inject({ url: '/health/live', headers })).json()).toEqual({ status: 'ok' })
    const ready = await app.inject({ url: '/health/ready', headers })
    expect(ready.statusCode).toBe(200)
    expect(ready.headers['cache-control']).toBe('no-store')
    expect(ready.json()).toEqual({ status: 'ok', checks: { database: 'ok', migrations: 'ok', keys: 'ok' } })
  })

  test('is live but not ready where there are no keys to sign with', async () => {
    const app = open(groundOn(await openDb()))
    expect((await app.inject('/health/live')).statusCode).toBe(200)
    const ready = await app.inject('/health/ready')
    expect(ready.statusCode).toBe(503)
    expect(ready.json()).toEqual({
      status: 'unavailable',
      checks: { database: 'ok', migrations: 'ok', keys: 'failed' },
    })
  })

  test('is not ready where the schema is behind', async () => {
    const app = open(groundOn(await openDb({ migrations: [] })))
    const ready = await app.inject('/health/ready')
    expect(ready.json()).toEqual({ status: 'unavailable', checks: { database: 'ok', migrations: 'failed' } })
  })
})

const [sqlite] = databases
if (!sqlite) throw new Error('there is no SQLite')

describe('Health', () => {
  test('is not ready when the database is gone, and does not say where it was', async () => {
    const db = await openDatabase(await sqlite.create())
    const app = open(groundOn(db))
    await closeDatabase(db)
    expect((await app.inject('/health/live')).statusCode).toBe(200)
    const ready = await app.inject('/health/ready')
    expect(ready.statusCode).toBe(503)
    expect(ready.body).toBe('{"status":"unavailable","checks":{"database":"failed"}}')
  })

  test('is not ready when the signing key ended and none took over', async () => {
    let now = Date.now()
    const ground = groundOn(await sqlite.open(), () => now)
    await provisionOwnOrg(ground, url)
    now -= 2 * day
    expect((await open(ground).inject('/health/ready')).json()).toMatchObject({ checks: { keys: 'failed' } })
  })
})
