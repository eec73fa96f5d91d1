import type { FastifyInstance } from 'fastify'
import { type Assets, findAsset } from '../../pages/index.ts'
import { httpErrors } from '../../platform/http/index.ts'

/** The files that pages link to: named by their content, so they are kept for ever. */
export function mountAssets(app: FastifyInstance, assets: Assets): void {
  app.get('/assets/:file', { config: { isOrgless: true } }, async (request, reply) => {
    const asset = await findAsset(assets, request.url.split('?')[0] ?? '')
    if (!asset) throw httpErrors.not_found()
    const accepted = request.headers['accept-encoding'] ?? ''
    const encoding = /\bbr\b/.test(accepted) ? 'br' : /\bgzip\b/.test(accepted) ? 'gzip' : undefined
    if (encoding) reply.header('content-encoding', encoding)
    return reply
      .headers({ 'cache-control': 'public, max-age=31536000, immutable', vary: 'accept-encoding' })
      .type(asset.contentType)
      .send(encoding === 'br' ? asset.brotli : encoding === 'gzip' ? asset.gzip : asset.body)
  })
}
