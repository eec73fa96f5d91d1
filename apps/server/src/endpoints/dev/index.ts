/**
 * Development pages: the mailbox that takes the place of a mail server.
 *
 * Owns: `/dev/mail`, `/dev/mail/:id` and `/dev/mail.json`. They show codes and links to anyone who asks, so they are
 * mounted in development mode only, and answer on this machine's own names only.
 * Does not own: how mail gets there (`jobs/send-mail`).
 */
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { pageDataOf } from '../../access/index.ts'
import { type AssetUrls, mailboxPage, mailPage } from '../../pages/index.ts'
import type { Ground } from '../../platform/ground.ts'
import { httpErrors, parseInput, sendPage } from '../../platform/http/index.ts'
import { findMail, type KeptMail, listMail } from '../../records/mailbox/index.ts'
import { mailListQuery, mailParams } from './schema.ts'

export type DevDeps = Pick<Ground, 'db'> & { assets: AssetUrls }

const shown = 200

/** Mounts the pages. Call it in development mode only. */
export function mountDev(app: FastifyInstance, deps: DevDeps): void {
  const { db } = deps
  const page = { config: { audience: 'page' }, onRequest: refuseForeignHost }
  app.get('/dev/mail', page, async (request, reply) => {
    const mails = await listMail(db, request.org.id, { limit: shown })
    return sendPage(reply, mailboxPage({ ...pageDataOf(request, deps.assets), mails: mails.map(toMessage) }))
  })
  app.get('/dev/mail/:id', page, async (request, reply) => {
    const { id } = parseInput(mailParams, request.params)
    const mail = await findMail(db, request.org.id, id)
    if (!mail) throw httpErrors.not_found()
    return sendPage(reply, mailPage({ ...pageDataOf(request, deps.assets), mail: toMessage(mail) }))
  })
  app.get('/dev/mail.json', { onRequest: refuseForeignHost }, async (request, reply) => {
    const { to } = parseInput(mailListQuery, request.query)
    const mails = await listMail(db, request.org.id, { limit: shown, ...(to !== undefined && { to }) })
    return reply.header('cache-control', 'no-store').send({ messages: mails.map(toMessage) })
  })
}

function toMessage({ id, to, subject, body, at }: KeptMail) {
  return { id, to, subject, text: body, at }
}

/** Development answers on any host, so a page elsewhere could point a name of its own at us and read the codes. */
async function refuseForeignHost(request: FastifyRequest): Promise<void> {
  const { hostname } = request
  const isOurs = hostname === new URL(request.org.url).hostname
  const isLoopback = hostname === 'localhost' || hostname.endsWith('.localhost') || /^(127\.|\[?::1\]?$)/.test(hostname)
  if (!isOurs && !isLoopback) throw httpErrors.not_found()
}
