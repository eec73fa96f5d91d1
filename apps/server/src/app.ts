import { join } from 'node:path'
import type { FastifyInstance } from 'fastify'
import { type Cache, mountOrgs, openCache, recordingRefusals } from './access/index.ts'
import type { Config } from './config.ts'
import { mountDev } from './endpoints/dev/index.ts'
import { mountHealth } from './endpoints/health/index.ts'
import { hostedRenderers, mountHosted } from './endpoints/hosted/index.ts'
import { managementRenderers, mountManagement } from './endpoints/management/index.ts'
import { mountMetrics } from './endpoints/metrics/index.ts'
import { mountOAuth, oauthRenderers } from './endpoints/oauth/index.ts'
import { mountWellKnown } from './endpoints/well-known/index.ts'
import { loadAssets } from './pages/index.ts'
import { type Clock, systemClock } from './platform/clock.ts'
import { closeDatabase, migrate, migrations, openDatabase, parseDatabaseUrl } from './platform/database/index.ts'
import type { Ground } from './platform/ground.ts'
import { createHttpServer, type MountedRoute, renderProblem, watchRoutes } from './platform/http/index.ts'
import type { Log } from './platform/log.ts'
import { openOutbound } from './platform/outbound.ts'
import { openVault } from './platform/vault.ts'

export type HouseOptions = { config: Config; log: Log; now?: Clock }

/** The built house: everything mounted, nothing listening yet. */
export type House = {
  app: FastifyInstance
  config: Config
  ground: Ground
  cache: Cache
  /** Every address that is mounted, for tests that visit them all. */
  routes: () => MountedRoute[]
  /** Ends the server and closes the database. */
  close(): Promise<void>
}

/** Builds the house once: opens the database, brings the schema up to date and mounts every endpoint. */
export async function createHouse({ config, log, now = systemClock }: HouseOptions): Promise<House> {
  const assets = loadAssets(join(config.dataDirectory, 'cache'))
  // Awaited below; without a handler an early failure would end the process before the database is closed.
  assets.catch(() => undefined)
  const db = await openDatabase(parseDatabaseUrl(config.database), { log })
  try {
    await migrate(db, migrations, { log })
    const ground: Ground = { db, now, log, vault: openVault(config.secretKeys) }
    const cache = openCache(ground)
    const { app, routes } = mountRooms({ config, ground, cache, assets: await assets })
    const close = async () => {
      await app.close()
      await closeDatabase(db)
    }
    return { app, config, ground, cache, routes, close }
  } catch (cause) {
    await closeDatabase(db)
    throw cause
  }
}

type Parts = { config: Config; ground: Ground; cache: Cache; assets: Awaited<ReturnType<typeof loadAssets>> }

function mountRooms({ config, ground, cache, assets }: Parts) {
  const house = { ...ground, cache, assets: assets.urls }
  const isDev = config.mode === 'dev'
  const hosted = { ...house, ...(isDev && { development: { demoUrl: `http://localhost:${config.demoPort}` } }) }
  const pages = hostedRenderers(hosted)
  const app = createHttpServer({
    log: ground.log,
    trustedProxies: config.trustedProxies,
    renderers: { problem: renderProblem, ...pages, ...oauthRenderers(pages.page), ...managementRenderers },
    onRefusal: recordingRefusals(ground),
  })
  const { refuseOtherMethods, routes } = watchRoutes(app)
  mountOrgs(app, ground, config)
  mountHealth(app, ground)
  mountMetrics(app, ground, { token: config.metricsToken })
  mountWellKnown(app)
  mountHosted(app, hosted, assets)
  mountOAuth(app, { ...house, outbound: openOutbound({ allowsLoopback: isDev }) })
  mountManagement(app, house)
  if (isDev) mountDev(app, house)
  refuseOtherMethods()
  return { app, routes }
}
