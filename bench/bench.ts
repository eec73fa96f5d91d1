import type { Floor } from './floor.ts'
import type { Pinning } from './machine.ts'
import type { Sizes } from './measure.ts'

/** What every part of the benchmark is handed. */
export type Bench = {
  readonly pinning: Pinning
  readonly sizes: Sizes
  readonly floor: Floor
  /** Tells whoever waits what is measured now. */
  readonly tell: (doing: string) => void
}
