import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Config } from '../config.ts'
import type { Ground } from '../platform/ground.ts'
import {
  createOrgCache,
  findOrg,
  findOrgVersionByHost,
  getOrg,
  type Org,
  type OrgCache,
  type OrgId,
} from '../records/orgs/index.ts'
import { accessErrors } from './errors.ts'

/** The org that a request is for, with the address that its people and clients use. */
export type CurrentOrg = Org & {
  /** The org's public origin; every issuer and link is made of it, never of the Host header. */
  url: string
  /** The relying party ID of the org's own pages. */
  rpId: string
}

declare module 'fastify' {
  interface FastifyRequest {
    org: CurrentOrg
  }
  interface FastifyContextConfig {
    /** Answers on any host, and knows no org: probes of the machine itself. */
    isOrgless?: boolean
  }
}

type Settings = Pick<Config, 'mode' | 'url'>

/** Finds the org of every request by its host before anything else looks at it. */
export function mountOrgs(app: FastifyInstance, ground: Ground, settings: Settings): void {
  const lookup: Lookup = { db: ground.db, cache: createOrgCache(), settings }
  app.decorateRequest('org')
  app.addHook('onRequest', async (request) => {
    if (request.routeOptions.config.isOrgless) return
    request.org = await currentOrg(lookup, request)
  })
}

type Lookup = { db: Ground['db']; cache: OrgCache; settings: Settings }

async function currentOrg({ db, cache, settings }: Lookup, request: FastifyRequest): Promise<CurrentOrg> {
  const host = normalHost(request.host)
  const meant = host && (await findOrgVersionByHost(db, host))
  const org = meant ? await cache.get(meant, 'org', () => getOrg(db, meant.id)) : await developmentOrg(db, settings)
  if (!org) throw accessErrors.unknown_host()
  return withAddress(org, settings)
}

/** Adds to an org the address that its hosts and the server's own address give it. */
export function withAddress(org: Org, settings: Pick<Config, 'url'>): CurrentOrg {
  const url = orgUrl(org, settings.url)
  return { ...org, url, rpId: org.settings.rpId ?? new URL(url).hostname }
}

/** In development any host will do: it is the default org's. */
async function developmentOrg(db: Ground['db'], settings: Settings): Promise<Org | undefined> {
  return settings.mode === 'dev' ? await findOrg(db, 'default' as OrgId) : undefined
}

function normalHost(host: string | undefined): string | undefined {
  const lower = host?.toLowerCase().replace(/\.(?=$|:)/, '')
  return lower && /^(?:[a-z0-9.-]+|\[[0-9a-f:]+\])(?::\d{1,5})?$/.test(lower) ? lower : undefined
}

/** The server's own address belongs to the org that lists its host; any other org lives at its first host. */
function orgUrl(org: Org, serverUrl: string): string {
  const server = new URL(serverUrl)
  const [first] = org.hosts
  if (!first || org.hosts.includes(server.host) || org.hosts.includes(server.hostname)) return server.origin
  const port = /:\d+$/.test(first) || !server.port ? '' : `:${server.port}`
  return `${server.protocol}//${first}${port}`
}
