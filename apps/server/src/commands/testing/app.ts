import type { FastifyInstance } from 'fastify'
import { mountOrgs } from '../../access/index.ts'
import type { Mode } from '../../config.ts'
import { type Clock, systemClock } from '../../platform/clock.ts'
import type { Database } from '../../platform/database/index.ts'
import type { Ground } from '../../platform/ground.ts'
import { createHttpServer, renderProblem } from '../../platform/http/index.ts'
import { openLog } from '../../platform/log.ts'
import { openVault } from '../../platform/vault.ts'

/** The platform as the house has it, on a database of the test's own. */
export function groundOn(db: Database, now: Clock = systemClock): Ground {
  return { db, now, log: openLog({ level: 'silent' }), vault: openVault(['a secret key for tests, 32 long.']) }
}

/** The HTTP server as the house has it, with the rooms of the test's choice. */
export function openApp(
  ground: Ground,
  settings: { mode: Mode; url: string },
  mount: (app: FastifyInstance) => void,
): FastifyInstance {
  const app = createHttpServer({
    log: ground.log,
    trustedProxies: [],
    renderers: { problem: renderProblem },
    onRefusal: () => undefined,
  })
  mountOrgs(app, ground, settings)
  mount(app)
  return app
}
