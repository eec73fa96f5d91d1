import type { FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { managementErrors } from './errors.ts'

/** A number of items; more than may be asked for at once is as much as may be. */
export function limitUpTo(most: number) {
  return z
    .string()
    .regex(/^\d{1,9}$/, 'must be a positive number')
    .transform((text) => Math.min(Number(text), most))
    .refine((limit) => limit > 0, 'must be a positive number')
}

export type Position = { readonly createdAt: number; readonly id: string }

/** Writes where a page ended, so that the next one begins there even if that item is gone by then. */
export function cursorAfter({ createdAt, id }: Position): string {
  return `${createdAt.toString(36)}.${id}`
}

/** Reads what `cursorAfter` wrote. @throws {LatchkeyError} `cursor_invalid` */
export function positionOf(cursor: string): Position {
  const at = cursor.indexOf('.')
  const [time, id] = [cursor.slice(0, Math.max(at, 0)), cursor.slice(at + 1)]
  const createdAt = /^[0-9a-z]{1,10}$/.test(time) ? Number.parseInt(time, 36) : Number.NaN
  if (!Number.isSafeInteger(createdAt) || !/^[\x21-\x7e]{1,100}$/.test(id)) throw managementErrors.cursor_invalid()
  return { createdAt, id }
}

/** Where a page ended that was sorted by something else than time. */
export type SortedPosition = { readonly key: string | number; readonly id: string }

const sortedPosition = z.tuple([z.union([z.string().max(2_000), z.number().int()]), z.string().min(1).max(100)])

export function cursorAfterSorted({ key, id }: SortedPosition): string {
  return Buffer.from(JSON.stringify([key, id])).toString('base64url')
}

/** Reads what `cursorAfterSorted` wrote. @throws {LatchkeyError} `cursor_invalid` */
export function sortedPositionOf(cursor: string): SortedPosition {
  const parsed = sortedPosition.safeParse(parseJson(Buffer.from(cursor, 'base64url').toString()))
  if (!parsed.success) throw managementErrors.cursor_invalid()
  const [key, id] = parsed.data
  return { key, id }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** Cuts a page from a list that was asked for one item more than the page holds. */
export function cutPage<Item>(items: readonly Item[], limit: number): { page: Item[]; last: Item | undefined } {
  const page = items.slice(0, limit)
  return { page, last: items.length > limit ? page.at(-1) : undefined }
}

/** Tells where this page is and, where there is one, the next (RFC 8288). Both addresses are absolute. */
export function linkPages(request: FastifyRequest, reply: FastifyReply, next?: Readonly<Record<string, string>>): void {
  const links = [`<${addressOf(request)}>; rel="self"`]
  if (next) links.push(`<${addressOf(request, next)}>; rel="next"`)
  void reply.header('link', links)
}

/** The address that was asked for, written anew: what came may hold what ends a link. */
function addressOf(request: FastifyRequest, changes: Readonly<Record<string, string>> = {}): string {
  const [path = ''] = request.url.split('?')
  const query = new URLSearchParams()
  for (const [name, value] of Object.entries({ ...Object(request.query), ...changes })) query.set(name, String(value))
  const search = query.size > 0 ? `?${query}` : ''
  return `${request.org.url}${path.replace(/[<>"\\]/g, encodeURIComponent)}${search}`
}
