/**
 * Run as a process of its own, and killed, by `crash.test.ts`: writes pairs until it is stopped.
 *
 * Each pair is two rows in one transaction. Its number is said once the transaction has been answered, not before.
 */
import { writeSync } from 'node:fs'
import { inTransaction, openDatabase } from '../index.ts'
import { withSamples } from './sample.ts'

const [address = '', first = '', last = ''] = process.argv.slice(2)
const db = withSamples(await openDatabase(JSON.parse(address)))
let next = Number(first)

async function writePairs(): Promise<void> {
  while (next < Number(last)) {
    const pair = next++
    await inTransaction(db, async (tx) => {
      await tx.insertInto('half').values({ pair, side: 'left' }).execute()
      await tx.insertInto('half').values({ pair, side: 'right' }).execute()
    })
    // At once, not through a stream: what is said must not be lost with the process.
    writeSync(1, `${pair}\n`)
  }
}

await Promise.all(Array.from({ length: 8 }, writePairs))
