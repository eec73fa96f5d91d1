import type { FastifyReply, FastifyRequest } from 'fastify'
import { isEqualSecret, type Vault } from '../platform/vault.ts'
import { bindBrowser, secretOf } from './browser.ts'
import { accessErrors } from './errors.ts'

/**
 * Makes the token that a form carries: it holds for one browser and one subject (a transaction, a session), and only
 * a page that we rendered for that browser knows it.
 */
export function csrfTokenFor(vault: Vault, request: FastifyRequest, reply: FastifyReply, subject: string): string {
  bindBrowser(request, reply)
  return vault.digest('csrf', `${secretOf(request)}\0${subject}`)
}

/** Refuses a request that our own page did not send. @throws {LatchkeyError} `cross_site_request`, `csrf_token_invalid` */
export function refuseForgery(vault: Vault, request: FastifyRequest, subject: string, given: unknown): void {
  refuseCrossSite(request)
  const secret = secretOf(request)
  if (!secret || typeof given !== 'string') throw accessErrors.csrf_token_invalid()
  if (!isEqualSecret(given, vault.digest('csrf', `${secret}\0${subject}`))) throw accessErrors.csrf_token_invalid()
}

/** Refuses what a browser says came from another site; the token above is the proof, this is the second lock. */
export function refuseCrossSite(request: FastifyRequest): void {
  const { origin } = request.headers
  const site = request.headers['sec-fetch-site']
  const isForeign = origin !== undefined && origin !== request.org.url
  if (isForeign || (site !== undefined && site !== 'same-origin' && site !== 'none'))
    throw accessErrors.cross_site_request()
}
