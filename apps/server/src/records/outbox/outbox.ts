import type { Brand } from '../../platform/brand.ts'
import type { OrgId } from '../orgs/index.ts'

export type OutboxId = Brand<string, 'OutboxId'>

export type Json = string | number | boolean | null | readonly Json[] | { readonly [name: string]: Json }

/** Work that is due and now ours until the lease ends. */
export type DueItem = {
  org: OrgId
  id: OutboxId
  kind: string
  /** As it was enqueued; parse it before use, since an older release may have written it. */
  payload: unknown
  /** How many times it was taken, this time included. */
  attempts: number
  createdAt: number
}

/** Ties a ciphertext to its row. */
export function payloadPurpose(org: OrgId, id: OutboxId): string {
  return `outbox:${org}:${id}`
}
