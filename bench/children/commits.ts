/** Transactions on the database alone: each records one event, durably, by clients that begin anew when answered. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  closeDatabase,
  inTransaction,
  migrate,
  migrations,
  openDatabase,
  statisticsOf,
} from '../../apps/server/src/platform/database/index.ts'
import { recordEvent } from '../../apps/server/src/records/events/index.ts'
import { newOrgId, saveOrg } from '../../apps/server/src/records/orgs/index.ts'
import { eachOf } from '../measure.ts'

const groupSize = Number(process.env.GROUP_SIZE)
const clients = Number(process.env.CLIENTS)
const count = Number(process.env.TRANSACTIONS)

const folder = mkdtempSync(join(tmpdir(), 'latchkey-bench-'))
const db = await openDatabase({ sqlite: join(folder, 'latchkey.sqlite') }, { groupSize })
await migrate(db, migrations)
const org = newOrgId()
await inTransaction(db, (tx) =>
  saveOrg(tx, { id: org, name: 'Benchmark', hosts: [], settings: { brand: {} } }, Date.now()),
)

const times: number[] = []
const work = async () => {
  const began = performance.now()
  await inTransaction(db, (tx) => recordEvent(tx, org, 'session.started', { at: Date.now() }))
  times.push(performance.now() - began)
}
const transactions = Array.from({ length: count }, () => undefined)
await eachOf(transactions.slice(0, count / 4), clients, work)
times.length = 0

const before = { ...statisticsOf(db), began: performance.now(), cpu: process.cpuUsage() }
await eachOf(transactions, clients, work)
const { user, system } = process.cpuUsage(before.cpu)
const seconds = (performance.now() - before.began) / 1000
const { transactions: kept, commits } = statisticsOf(db)
await closeDatabase(db)
rmSync(folder, { recursive: true, force: true })
process.send?.({
  cpuMs: (user + system) / 1000 / count,
  perSecond: count / seconds,
  perCommit: (kept - before.transactions) / (commits - before.commits),
  times,
})
