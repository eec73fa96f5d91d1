import type { Cache } from '../../access/index.ts'
import type { Ground } from '../../platform/ground.ts'

/** What `app.ts` hands to this room. */
export type House = Ground & { cache: Cache }
