import { groundOf } from '../../platform/database/ground.ts'
import type { Database } from '../../platform/database/index.ts'

/** What a database is asked from now on: the statements, without their values. */
export function observeStatements(db: Database): { take(): string[] } {
  const { links } = groundOf(db)
  const acquire = links.acquire.bind(links)
  let seen: string[] = []
  links.acquire = async () => {
    const link = await acquire()
    const run = link.run.bind(link)
    link.run = async (query) => {
      seen.push(query.sql.replaceAll(/\s+/g, ' '))
      return await run(query)
    }
    return link
  }
  return {
    take() {
      const taken = seen
      seen = []
      return taken
    },
  }
}
