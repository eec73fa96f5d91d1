import type { FastifyRequest } from 'fastify'
import { type Cache, pageDataOf } from '../../access/index.ts'
import type { AssetUrls, PageData } from '../../pages/index.ts'
import type { Ground } from '../../platform/ground.ts'

/** What `app.ts` hands to this room. */
export type House = Ground & {
  cache: Cache
  assets: AssetUrls
  /** In development: what the home page links to. */
  development?: { demoUrl: string }
}

/** What every page of this room shows. */
export function pageData({ assets }: House, request: FastifyRequest): PageData {
  return pageDataOf(request, assets)
}
