import type { Brand } from '../../platform/brand.ts'

export type ObservationId = Brand<string, 'ObservationId'>

export type ObservationInput = {
  /** What was seen, in the events' manner: `ceremony.started`, `prompt.shown`, `ceremony.cancelled`. */
  name: string
  /** Where: `hosted`, `idx`, `pools` … */
  surface: string
  at: number
  /** JSON; no secret, and no more about a person than the funnel needs. */
  details?: Readonly<Record<string, unknown>>
  keepForMs: number
}

/** How often something was seen. */
export type Observation = { name: string; surface: string; count: number }
