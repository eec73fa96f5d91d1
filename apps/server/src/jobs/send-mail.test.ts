import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { provisionOwnOrg } from '../commands/provision.ts'
import { groundOn } from '../commands/testing/app.ts'
import { sendMail as orderMail } from '../directory/index.ts'
import { minute, second } from '../platform/clock.ts'
import { type Database, inTransaction } from '../platform/database/index.ts'
import { databases, describeEachDatabase } from '../platform/database/testing.ts'
import { openSmtp } from '../platform/mail.ts'
import { listEvents } from '../records/events/index.ts'
import { listMail } from '../records/mailbox/index.ts'
import type { OrgId } from '../records/orgs/index.ts'
import { enqueue, hasDue } from '../records/outbox/index.ts'
import { startJobs } from './index.ts'
import { openDelivery, pauseAfter, sendMail } from './send-mail.ts'
import { openMailServer, type TestMailServer } from './testing.ts'

const code = { to: 'ada@example.com', template: 'email-code', values: { code: '123456', org: 'Acme' } } as const
let server: TestMailServer
beforeAll(async () => {
  server = await openMailServer()
})
afterAll(() => server.close())
beforeEach(() => {
  server.mails.length = 0
  server.answerRecipientsWith('250 OK')
})

async function open(db: Database) {
  let time = Date.now()
  const ground = groundOn(db, () => time)
  const org = await provisionOwnOrg(ground, 'https://id.example.com')
  const order = (mail: Parameters<typeof orderMail>[3] = code) =>
    inTransaction(db, (tx) => orderMail(tx, ground.vault, org, mail, time))
  const smtp = sendMail(
    ground,
    openDelivery(ground, { transport: openSmtp(server.url, 'Us <us@example.com>'), isDevelopment: false }),
  )
  return { ground, org, order, smtp, db, pass: (ms: number) => (time += ms) }
}

const mailEvents = async (db: Database, org: OrgId) =>
  (await listEvents(db, org, { limit: 100, types: ['mail.sent', 'mail.failed'] })).map(
    ({ name, outcome, reason, details }) => ({ name, outcome, reason, details }),
  )

describeEachDatabase('Mail', (openDb) => {
  test('goes to the mail server once, and is recorded without its content', async () => {
    const { db, org, order, smtp } = await open(await openDb())
    await order()
    await smtp.run()
    await smtp.run()
    expect(server.mails).toMatchObject([{ from: 'us@example.com', to: 'ada@example.com' }])
    expect(server.mails[0]?.source).toContain('Subject: 123456 is your code for Acme')
    const events = await mailEvents(db, org)
    expect(events).toEqual([
      {
        name: 'mail.sent',
        outcome: 'SUCCESS',
        reason: null,
        details: { to: 'ada@example.com', template: 'email-code', attempts: 1 },
      },
    ])
    expect(JSON.stringify(events)).not.toContain('123456')
    expect(await hasDue(db, 'mail', Date.now() + 60 * minute)).toBe(false)
  })

  test('waits and is tried again when the mail server is busy', async () => {
    const { db, org, order, smtp, pass } = await open(await openDb())
    server.answerRecipientsWith('451 Try again later')
    await order()
    await smtp.run()
    expect(await mailEvents(db, org)).toMatchObject([
      { name: 'mail.failed', outcome: 'FAILURE', reason: 'smtp_451', details: { isFinal: false } },
    ])
    server.answerRecipientsWith('250 OK')
    await smtp.run()
    expect(server.mails).toEqual([])
    pass(pauseAfter(1))
    await smtp.run()
    expect(server.mails).toHaveLength(1)
    expect((await mailEvents(db, org)).at(-1)).toMatchObject({ name: 'mail.sent', details: { attempts: 2 } })
  })

  test('is given up at once when the address is refused for good', async () => {
    const { db, org, order, smtp, pass } = await open(await openDb())
    server.answerRecipientsWith('550 No such user')
    await order()
    await smtp.run()
    expect(await mailEvents(db, org)).toMatchObject([
      { name: 'mail.failed', reason: 'smtp_550', details: { isFinal: true } },
    ])
    pass(60 * minute)
    expect(await smtp.run()).toBe(false)
    expect(await mailEvents(db, org)).toHaveLength(1)
  })

  test('is given up after eight attempts', async () => {
    const { db, org, order, smtp, pass } = await open(await openDb())
    server.answerRecipientsWith('451 Try again later')
    await order()
    for (let attempt = 0; attempt < 12; attempt += 1) {
      await smtp.run()
      pass(20 * minute)
    }
    const events = await mailEvents(db, org)
    expect(events).toHaveLength(8)
    expect(events.map(({ details }) => details.isFinal)).toEqual([...Array(7).fill(false), true])
  })

  test('that this release cannot write is given up, and the others go on', async () => {
    const { ground, db, org, order, smtp } = await open(await openDb())
    await inTransaction(db, (tx) => enqueue(tx, ground.vault, org, 'mail', { template: 'of-the-future' }, { dueAt: 1 }))
    await order()
    await smtp.run()
    expect(server.mails).toHaveLength(1)
    expect((await mailEvents(db, org)).map(({ name, reason }) => [name, reason])).toEqual(
      expect.arrayContaining([
        ['mail.failed', 'mail_unreadable'],
        ['mail.sent', null],
      ]),
    )
  })

  test('of two processes is sent by one', async () => {
    const { db, org, order, smtp } = await open(await openDb())
    for (let count = 0; count < 20; count += 1) await order()
    await Promise.all([smtp.run(), smtp.run()])
    while (await smtp.run());
    expect(server.mails).toHaveLength(20)
    expect(await mailEvents(db, org)).toHaveLength(20)
  })

  test('appears in the development mailbox as soon as it was asked for', async () => {
    const { ground, db, org, order } = await open(await openDb())
    const jobs = startJobs({ ...ground, now: Date.now }, { isDevelopment: true })
    try {
      // Let the first round pass, so that only the write can have woken the job.
      await vi.waitFor(
        async () => expect(await listEvents(db, org, { afterSequence: 0, limit: 1 })).toHaveLength(1),
        3_000,
      )
      const startedAt = performance.now()
      await order()
      await vi.waitFor(async () => expect(await listMail(db, org, { limit: 10 })).toHaveLength(1), {
        timeout: 3_000,
        interval: 10,
      })
      expect(performance.now() - startedAt).toBeLessThan(900)
      expect((await listMail(db, org, { limit: 1 }))[0]).toMatchObject({
        to: 'ada@example.com',
        body: expect.stringContaining('Your code is 123456'),
      })
    } finally {
      await jobs.stop()
    }
  })
})

const [sqlite] = databases
if (!sqlite) throw new Error('there is no SQLite')

describe('Mail in production without a mail server', () => {
  test('fails and says why, and is sent once there is one', async () => {
    const { ground, db, org, order, smtp, pass } = await open(await sqlite.open())
    const nowhere = sendMail(ground, openDelivery(ground, { transport: undefined, isDevelopment: false }))
    await order()
    await nowhere.run()
    expect(await mailEvents(db, org)).toMatchObject([{ name: 'mail.failed', reason: 'mail_not_configured' }])
    expect(await listMail(db, org, { limit: 1 })).toEqual([])
    pass(pauseAfter(1) + second)
    await smtp.run()
    expect(server.mails).toHaveLength(1)
  })
})
