import { domainToASCII } from 'node:url'
import type { Brand } from '../../platform/brand.ts'
import { newId } from '../../platform/ids.ts'

export type OrgId = Brand<string, 'OrgId'>

/** What an org's administrator decides for all of it. */
export type OrgSettings = {
  /** The relying party id for new passkeys; absent: the host of the org's address. */
  rpId?: string
  brand: { accent?: string; logoUrl?: string }
  /** How many passkeys one user may have. */
  passkeyLimit?: number
}

export type Org = {
  id: OrgId
  name: string
  /** Grows with every change of what may be cached; see `createOrgCache`. */
  version: number
  settings: OrgSettings
  /** Normalised, in the administrator's order: the first is the one to show. */
  hosts: readonly string[]
  createdAt: number
}

export type OrgInput = { id: OrgId; name: string; hosts: readonly string[]; settings: OrgSettings }

export function newOrgId(): OrgId {
  return newId('00o')
}

const hostShape = /^(?<name>\[[0-9a-f:.]+\]|[^\s:/?#@[\]\\%.]+(?:\.[^\s:/?#@[\]\\%.]+)*)\.?(?::(?<port>[0-9]{1,5}))?$/

/**
 * Writes a host as it is compared: lower case, ASCII, without the root's dot, without the port where it is 80 or 443.
 *
 * @returns undefined where the text is not a host
 */
export function normaliseHost(text: string): string | undefined {
  const parts = hostShape.exec(text.trim().toLowerCase())?.groups
  const name = parts?.name
  if (!name) return undefined
  const ascii = name.startsWith('[') ? name : domainToASCII(name)
  if (!ascii || ascii.length > 253) return undefined
  const port = Number(parts.port ?? 0)
  if (port > 65_535) return undefined
  return port === 0 || port === 80 || port === 443 ? ascii : `${ascii}:${port}`
}

/** The same host without its port. */
export function withoutPort(host: string): string {
  return host.replace(/:[0-9]+$/, '')
}
