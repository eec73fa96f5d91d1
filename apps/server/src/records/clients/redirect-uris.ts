import type { Client } from './client.ts'

/**
 * Tells whether a redirect URI of a request is one that the client registered.
 *
 * Strings are compared as they are (RFC 9700 §4.1.3): a URI that a browser would take for the same is refused, because
 * each normalisation that we do and the client does not is a way around the registration. The one exception is the
 * port of a native client's loopback URI, which its operating system chooses at each start (RFC 8252 §7.3).
 */
export function isRegisteredRedirectUri(
  client: Pick<Client, 'applicationType' | 'redirectUris'>,
  uri: string,
): boolean {
  if (client.redirectUris.includes(uri)) return true
  if (client.applicationType !== 'native') return false
  const asked = withoutLoopbackPort(uri)
  return asked !== undefined && client.redirectUris.some((registered) => withoutLoopbackPort(registered) === asked)
}

/** Tells whether a client may have the browser sent there after a logout: exact comparison, no exception. */
export function isRegisteredPostLogoutRedirectUri(
  client: Pick<Client, 'postLogoutRedirectUris'>,
  uri: string,
): boolean {
  return client.postLogoutRedirectUris.includes(uri)
}

/** Tells whether a page of this origin belongs to the client: the origin of one of its redirect URIs. */
export function isClientOrigin(client: Pick<Client, 'redirectUris'>, origin: string): boolean {
  // A private-use scheme has the opaque origin `null`, which any sandboxed page can claim.
  return origin !== 'null' && client.redirectUris.some((uri) => URL.parse(uri)?.origin === origin)
}

const loopback = /^(http:\/\/(?:127\.0\.0\.1|\[::1\]|localhost))(?::([1-9][0-9]{0,4}))?((?:[/?].*)?)$/

function withoutLoopbackPort(uri: string): string | undefined {
  const [, host, port, rest] = loopback.exec(uri) ?? []
  return host !== undefined && Number(port ?? 80) <= 65_535 ? `${host}${rest}` : undefined
}

/** The scheme of a URI that runs a script, shows a document of the sender's choice or reads this machine's files. */
const harmfulSchemes = new Set([
  'about:',
  'blob:',
  'chrome:',
  'data:',
  'file:',
  'filesystem:',
  'ftp:',
  'intent:',
  'javascript:',
  'mailto:',
  'tel:',
  'vbscript:',
  'view-source:',
  'ws:',
  'wss:',
])

/** What RFC 3986 allows in a URI, without `#` (no fragments) and `*` (no wildcards). */
const uriCharacters = /^[A-Za-z0-9\-._~:/?[\]@!$&'()+,;=%]+$/
const dotSegment = /\/(?:\.|%2e){1,2}(?:[/?]|$)/i
const isLoopbackHost = (host: string) =>
  host === '127.0.0.1' || host === '[::1]' || host === 'localhost' || host.endsWith('.localhost')

/**
 * Tells what is wrong with a URI that a client wants to register for redirects, or nothing.
 *
 * Accepted are https, http to this machine (RFC 8252 §7.3), and a scheme of the application's own (§7.1).
 */
export function refuseRedirectUri(uri: string): string | undefined {
  if (uri.includes('#')) return 'must not have a fragment'
  if (uri.includes('*')) return 'must not have a wildcard'
  if (!uriCharacters.test(uri)) return 'must be written with the characters of RFC 3986, host names in punycode'
  const url = URL.parse(uri)
  if (!url) return 'must be an absolute URI'
  if (harmfulSchemes.has(url.protocol)) return 'must use https, loopback http or a private-use scheme'
  if (dotSegment.test(uri)) return 'must not have "." or ".." in its path'
  if (url.protocol !== 'https:' && url.protocol !== 'http:') {
    // Without the slash, a forgotten "http://" would make `localhost:3000/callback` the scheme "localhost".
    return /^[^:]+:\//.test(uri) ? undefined : 'must have a slash after its private-use scheme'
  }
  if (!/^https?:\/\/[^/]/i.test(uri)) return 'must be an absolute URI'
  if (url.username !== '' || url.password !== '' || uri.split(/[/?]/)[2]?.includes('@')) return 'must not name a user'
  if (url.protocol === 'http:' && !isLoopbackHost(url.hostname)) return 'must use https, except on loopback addresses'
  return undefined
}
