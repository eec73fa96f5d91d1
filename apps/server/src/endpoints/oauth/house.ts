import type { FastifyRequest } from 'fastify'
import { type Cache, pageDataOf } from '../../access/index.ts'
import type { Deps } from '../../authorization/index.ts'
import type { AssetUrls, PageData } from '../../pages/index.ts'
import type { Ground } from '../../platform/ground.ts'
import type { Outbound } from '../../platform/outbound.ts'
import type { ClientKeys } from './client-keys.ts'
import type { OriginList } from './origins.ts'

/** What `app.ts` hands to this room. */
export type House = Ground & { cache: Cache; assets: AssetUrls; outbound: Outbound }

/** What the endpoints work with. */
export type OAuthDeps = House & Deps & { origins: OriginList; clientKeys: ClientKeys }

/** What every page of ours is given. */
export function pageDataFor({ assets }: House, request: FastifyRequest): PageData {
  return pageDataOf(request, assets)
}
