/**
 * Access: who is calling, from which browser, in which org, and what protects the answer.
 *
 * Owns: the org of a request, API tokens and what they allow, the browser and session cookies, CSRF tokens, the cache of
 * an org's settings.
 * Does not own: signing in (`sign-in`), what a session is (`records/sessions`), any page.
 */
export { bindBrowser, browserOf, isSecure } from './browser.ts'
export { type Cache, openCache } from './cache.ts'
export { csrfTokenFor, refuseCrossSite, refuseForgery } from './csrf.ts'
export { accessErrors } from './errors.ts'
export { countFlood, type Flood } from './flood.ts'
export { type CurrentOrg, mountOrgs, withAddress } from './org.ts'
export { pageDataOf } from './page.ts'
export { authenticateApiToken, type Permission, type Principal, refuseUnlessAllowed } from './principal.ts'
export { recordingRefusals } from './refusals.ts'
export { clearSessionCookie, findCurrentSession, setSessionCookie } from './session.ts'
