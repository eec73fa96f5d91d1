import { z } from 'zod'
import { parseFilter, parseTime } from '../../platform/filter/index.ts'
import { managementErrors } from './errors.ts'
import { limitUpTo } from './paging.ts'

const actor = z.object({ id: z.string(), name: z.string(), userId: z.string().nullable() })

/** Who an event says has done it, where that was not the one whom it is about. */
export function actorOf(detail: unknown): z.output<typeof actor> | undefined {
  return actor.safeParse(detail).data
}

export function textOf(detail: unknown): string | undefined {
  return typeof detail === 'string' ? detail : undefined
}

const time = z.string().transform((text) => {
  const at = parseTime(text)
  if (at === undefined) throw managementErrors.date_invalid()
  return at
})

const words = z
  .string()
  .transform((text) => text.toLowerCase().split(/\s+/).filter(Boolean))
  .refine((list) => list.length <= 10, 'Must have at most 10 keywords')
  .refine((list) => list.every((word) => word.length <= 40), 'Keywords must have at most 40 characters')

export const logQuery = z.object({
  since: time.optional(),
  until: time.optional(),
  after: z.string().max(200).optional(),
  filter: z
    .string()
    .transform((text) => parseFilter(text))
    .optional(),
  q: words.optional(),
  limit: limitUpTo(1_000).default(100),
  sortOrder: z.enum(['ASCENDING', 'DESCENDING'], 'Must be ASCENDING or DESCENDING').default('ASCENDING'),
})
export type LogQuery = z.output<typeof logQuery>

/** What a filter of the log may name. */
export const logAttributes = {
  roots: new Set([
    ...['uuid', 'published', 'eventType', 'version', 'severity', 'legacyEventType', 'displayMessage', 'actor'],
    ...['client', 'device', 'authenticationContext', 'outcome', 'target', 'transaction', 'debugContext', 'request'],
    'securityContext',
  ]),
  times: new Set(['published']),
} as const
