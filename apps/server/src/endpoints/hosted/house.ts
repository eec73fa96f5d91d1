import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Cache } from '../../access/index.ts'
import type { AssetUrls, PageData } from '../../pages/index.ts'
import type { Ground } from '../../platform/ground.ts'
import { pageHeaders } from '../../platform/http/index.ts'

/** What `app.ts` hands to this room. */
export type House = Ground & {
  cache: Cache
  assets: AssetUrls
  /** In development: what the home page links to. */
  development?: { demoUrl: string }
}

/** What every page of this room shows. */
export function pageData({ assets }: House, request: FastifyRequest): PageData {
  const { name, settings } = request.org
  const locale = request.headers['accept-language']?.split(/[,;]/)[0]?.trim() || 'en'
  return { brand: { name, ...settings.brand }, locale, assets }
}

/** Answers with a page. `formTargets` are origins to which the page's forms may be redirected in the end. */
export function sendPage(reply: FastifyReply, page: string, formTargets: readonly string[] = []): FastifyReply {
  return reply.headers(pageHeaders(formTargets)).send(page)
}
