import type { FastifyRequest } from 'fastify'

/** What every page shows of the org that it is for, in the language that the browser prefers. */
export function pageDataOf<Assets>(request: FastifyRequest, assets: Assets) {
  const { name, settings } = request.org
  const locale = request.headers['accept-language']?.split(/[,;]/)[0]?.trim() || 'en'
  return { brand: { name, ...settings.brand }, locale, assets }
}
