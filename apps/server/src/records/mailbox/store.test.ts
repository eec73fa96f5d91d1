import { beforeAll, expect, test } from 'vitest'
import type { Database } from '../../platform/database/index.ts'
import { describeEachDatabase } from '../../platform/database/testing.ts'
import { makeOrg, testTime } from '../orgs/testing.ts'
import { mailboxSize } from './mail.ts'
import { findMail, keepMail, listMail } from './store.ts'

describeEachDatabase('The mailbox', (open) => {
  let db: Database
  beforeAll(async () => {
    db = await open()
  })
  const mail = (subject: string, to = 'ada@example.com') => ({ to, subject, body: `Your code is 123456.\n${subject}` })

  test('shows the newest message first, of one recipient where asked', async () => {
    const org = await makeOrg(db)
    const first = await keepMail(db, org, mail('first'), testTime)
    await keepMail(db, org, mail('second', 'bob@example.com'), testTime + 1)
    await keepMail(db, org, mail('third'), testTime + 2)
    const subjects = async (query: { limit: number; to?: string }) =>
      (await listMail(db, org, query)).map(({ subject }) => subject)
    expect(await subjects({ limit: 10 })).toEqual(['third', 'second', 'first'])
    expect(await subjects({ limit: 2 })).toEqual(['third', 'second'])
    expect(await subjects({ limit: 10, to: 'ada@example.com' })).toEqual(['third', 'first'])
    expect(await findMail(db, org, first)).toEqual({ ...mail('first'), id: first, at: testTime })
  })

  test('keeps the newest 200 messages of each org', async () => {
    const [org, other] = [await makeOrg(db), await makeOrg(db)]
    await keepMail(db, other, mail('of the other'), testTime)
    for (let count = 0; count < mailboxSize + 3; count += 1) await keepMail(db, org, mail(`${count}`), testTime + count)
    const kept = await listMail(db, org, { limit: 1000 })
    expect(kept).toHaveLength(mailboxSize)
    expect(kept.at(-1)?.subject).toBe('3')
    expect(await listMail(db, other, { limit: 10 })).toHaveLength(1)
  })

  test('of one org shows nothing to another', async () => {
    const [a, b] = [await makeOrg(db), await makeOrg(db)]
    const id = await keepMail(db, a, mail('secret'), testTime)
    expect(await findMail(db, b, id)).toBeUndefined()
    expect(await listMail(db, b, { limit: 10 })).toEqual([])
  })
})
