import { hash } from 'node:crypto'

/** How many statements are watched before they are named, and how many names there may be. */
const watched = 1_000
const named = 400

/** Gives names to the statements that come back, under which PostgreSQL keeps them parsed on each connection. */
export type StatementNames = {
  nameOf(text: string): string | undefined
  /** Gives every statement another name, because what was prepared under the old ones no longer fits the schema. */
  renew(): void
}

export function createStatementNames(): StatementNames {
  const seenOnce = new Set<string>()
  const names = new Map<string, string>()
  let generation = 0
  return {
    nameOf(text) {
      const known = names.get(text)
      if (known) return known
      // A filter that somebody typed is seen once; it would fill the server's memory for nothing.
      if (!seenOnce.has(text)) {
        if (seenOnce.size >= watched) seenOnce.clear()
        seenOnce.add(text)
        return undefined
      }
      if (names.size >= named) return undefined
      seenOnce.delete(text)
      const name = `lk${generation}_${hash('sha256', text, 'base64url').slice(0, 24)}`
      names.set(text, name)
      return name
    },
    renew() {
      generation += 1
      names.clear()
    },
  }
}
