import type { CurrentOrg } from '../../access/index.ts'

/**
 * Lists the origins that may use the org's relying party id although they do not lie below it: the org's own hosts.
 *
 * Trusted origins are not among them. Their pages may call us, but a ceremony of theirs would be refused, and listing
 * them would let them ask people for passkeys of ours.
 *
 * @returns nothing where every host lies below the relying party id, since then no document is needed
 */
export function relatedOrigins(org: Pick<CurrentOrg, 'url' | 'rpId' | 'hosts'>): string[] {
  const { protocol, port } = new URL(org.url)
  const suffix = port === '' ? '' : `:${port}`
  const hosts = org.hosts.map((host) => (/:\d+$/.test(host) ? host : `${host}${suffix}`))
  const origins = [...new Set([org.url, ...hosts.map((host) => new URL(`${protocol}//${host}`).origin)])]
  return origins.every((origin) => liesBelow(new URL(origin).hostname, org.rpId)) ? [] : origins
}

function liesBelow(host: string, rpId: string): boolean {
  return host === rpId || host.endsWith(`.${rpId}`)
}
