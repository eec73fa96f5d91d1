import type { Org } from './org.ts'

/** Remembers in this process's memory what was read or derived for one version of an org. */
export type OrgCache = {
  /**
   * Returns what is remembered under `key`, or loads it once for all who ask at the same time.
   *
   * Pass the org as this request read it, outside a transaction: a version that is rolled back is given again to
   * another change. What is returned is shared, so it must not be changed. A load that fails is not remembered.
   */
  get<T>(org: Pick<Org, 'id' | 'version'>, key: string, load: () => Promise<T>): Promise<T>
}

type Entry<T> = { version: number; value: Promise<T> }

/** A key is only ever asked for with one kind of load, which is what says the kind of value. */
function isCurrent<T>(entry: Entry<unknown> | undefined, version: number): entry is Entry<T> {
  // Newer than the caller knows is fine: it is what a read of the database would give now.
  return entry !== undefined && entry.version >= version
}

/**
 * Makes a cache that follows changes made by any process, because its entries carry the org's version.
 *
 * @param options.maxEntries how much is kept; the least recently used goes first
 */
export function createOrgCache(options: { maxEntries?: number } = {}): OrgCache {
  const maxEntries = options.maxEntries ?? 10_000
  const entries = new Map<string, Entry<unknown>>()

  function remember(name: string, entry: Entry<unknown>): void {
    entries.delete(name)
    entries.set(name, entry)
    const oldest = entries.size > maxEntries ? entries.keys().next().value : undefined
    if (oldest !== undefined) entries.delete(oldest)
  }

  return {
    async get<T>(org: Pick<Org, 'id' | 'version'>, key: string, load: () => Promise<T>): Promise<T> {
      const name = `${org.id}\0${key}`
      const known = entries.get(name)
      if (isCurrent<T>(known, org.version)) {
        remember(name, known)
        return await known.value
      }
      const entry: Entry<T> = { version: org.version, value: load() }
      remember(name, entry)
      try {
        return await entry.value
      } catch (failure) {
        if (entries.get(name) === entry) entries.delete(name)
        throw failure
      }
    },
  }
}
