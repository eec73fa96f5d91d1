/**
 * Run as a process of its own, which may not let a file grow, by `sqlite.test.ts`: writes groups until one is refused.
 *
 * Says, as JSON, what became of each transaction of the last group, how many groups were kept before it, and what
 * became of a small transaction after it.
 */
import { closeDatabase, inTransaction, openDatabase, statisticsOf } from '../index.ts'
import { sample, withSamples } from './sample.ts'

const db = withSamples(await openDatabase({ sqlite: process.argv[2] ?? '' }))
const bytes = new Uint8Array(300_000)

async function insert(id: string, values: Parameters<typeof sample>[1]): Promise<string> {
  try {
    await inTransaction(db, (tx) => tx.insertInto('sample').values(sample(id, values)).execute())
    return 'kept'
  } catch (thrown) {
    return thrown instanceof Error && 'code' in thrown ? String(thrown.code) : String(thrown)
  }
}

let kept = 0
let group: string[] = []
while (group.every((outcome) => outcome === 'kept') && kept < 20) {
  group = await Promise.all([1, 2, 3, 4, 5].map((n) => insert(`${kept}/${n}`, { bytes })))
  if (group[0] === 'kept') kept += 1
}
const afterwards = await insert('small', {})
console.log(JSON.stringify({ kept, group, afterwards, commits: statisticsOf(db).commits }))
await closeDatabase(db)
