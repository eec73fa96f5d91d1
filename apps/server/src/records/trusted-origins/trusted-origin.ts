import type { Brand } from '../../platform/brand.ts'

export type TrustedOriginId = Brand<string, 'TrustedOriginId'>

/** CORS: its pages may call us with cookies. REDIRECT: people may be sent there, after a logout say. */
export type TrustedOriginScope = 'CORS' | 'REDIRECT'

export type TrustedOrigin = {
  readonly id: TrustedOriginId
  readonly name: string
  /** As browsers write it in the `Origin` header. */
  readonly origin: string
  readonly scopes: readonly TrustedOriginScope[]
  readonly createdAt: number
  readonly updatedAt: number
}

/**
 * Writes an origin as browsers do: lower case, punycode, without a default port.
 *
 * @returns undefined for what is no origin: other schemes, `null`, or more than an origin (a path, a user, a wildcard)
 */
export function normaliseOrigin(text: string): string | undefined {
  const url = URL.parse(text)
  if (!url || (url.protocol !== 'https:' && url.protocol !== 'http:')) return undefined
  // The text must hold nothing that the origin leaves out, or that a browser would have to repair.
  const isBare = /^https?:\/\/[^\s/?#@\\*%]+\/?$/i.test(text)
  return isBare ? url.origin : undefined
}
