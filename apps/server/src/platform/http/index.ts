/**
 * HTTP: the wall between the world and the rooms.
 *
 * Owns: the server, parsing of bodies and parameters, security headers, cookies, and the one path by which refusals
 * leave. Does not own: any route, any protocol's shape of errors (rooms register renderers), any identity word.
 */
export { contextOf, type RequestContext } from './context.ts'
export { cookieName, readCookie, serializeCookie } from './cookies.ts'
export { httpErrors } from './errors.ts'
export { type Parameters, parseForm } from './form.ts'
export { pageHeaders, securityHeaders, sendPage } from './headers.ts'
export { type MountedRoute, watchRoutes } from './methods.ts'
export { parseInput } from './parse.ts'
export { asLatchkeyError, renderProblem } from './refusal.ts'
export { createHttpServer, type HttpOptions, type RenderError } from './server.ts'
