/** Cookies: names that browsers protect, values that are ours alone. */
export type CookieOptions = { secure: boolean; maxAgeMs?: number; sameSite?: 'Lax' | 'Strict' | 'None' }

/**
 * Names a cookie so that no other host or path can plant it: over https the `__Host-` prefix makes browsers insist
 * on Secure, on the path `/` and on this very host (RFC 6265bis §4.1.3.2).
 */
export function cookieName(name: string, secure: boolean): string {
  return secure ? `__Host-latchkey.${name}` : `latchkey.${name}`
}

/** Writes a `Set-Cookie` value: host-only, HttpOnly, path `/`. */
export function serializeCookie(name: string, value: string, options: CookieOptions): string {
  const parts = [
    `${cookieName(name, options.secure)}=${value}`,
    'Path=/',
    'HttpOnly',
    `SameSite=${options.sameSite ?? 'Lax'}`,
  ]
  if (options.secure) parts.push('Secure')
  if (options.maxAgeMs !== undefined) parts.push(`Max-Age=${Math.floor(options.maxAgeMs / 1000)}`)
  return parts.join('; ')
}

/** Reads one of our cookies; a name that came twice counts as absent, because one of the two was planted. */
export function readCookie(header: string | undefined, name: string, secure: boolean): string | undefined {
  const wanted = `${cookieName(name, secure)}=`
  const found = (header ?? '')
    .split(';')
    .map((part) => part.trim())
    .filter((part) => part.startsWith(wanted))
  const value = found.length === 1 ? found[0]?.slice(wanted.length) : undefined
  return value && /^[\w.~-]{1,512}$/.test(value) ? value : undefined
}
