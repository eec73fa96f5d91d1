import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { issueSetupCode } from './commands/setup-code.ts'
import { describeEachHouse } from './testing/each-database.ts'
import { openHouse, overHttp, signInByCode, signInByPasskey } from './testing/index.ts'

describeEachHouse(
  'The house',
  (house) => {
    test('writes no secret into its log, whatever happens', async () => {
      const org = await house().newOrg()
      const password = 'hunter2 hunter2 hunter2'
      const person = await org.person({ password, passkey: true })
      const setupCode = (await issueSetupCode(house().ground, org.id)) ?? ''
      const secrets = new Set<string>([password, setupCode, 'a-planted-token'])

      const browser = org.browser()
      await browser.open('/sign-in')
      await browser.submit('/identify', { identifier: person.email })
      await browser.submit('/select', { step: 'password' })
      await browser.submit('/password', { password: `${password} wrong` })
      await browser.submit('/password', { password })
      const other = org.browser()
      await other.open('/sign-in')
      await signInByCode(org, other, person.email)
      secrets.add(await org.code(person.email))
      const third = org.browser()
      await third.open('/sign-in')
      await signInByPasskey(third, person.authenticator)
      await third.open('/setup')
      await third.submit('/setup', { code: setupCode })
      for (const one of [browser, other, third]) for (const value of one.cookies.values()) secrets.add(value)
      const headers = { authorization: 'Bearer a-planted-token', 'x-csrf-token': 'a-planted-token' }
      await third.request('GET', '/account?stateToken=a-planted-token&code=a-planted-token', { headers })

      // And when something breaks in the middle of it.
      await sql`ALTER TABLE browser_session RENAME TO browser_session_gone`.execute(house().ground.db)
      try {
        const broken = await third.request('GET', '/account', { headers })
        expect([broken.status, broken.error]).toEqual([500, 'internal'])
        expect(broken.text).not.toContain('browser_session')
      } finally {
        await sql`ALTER TABLE browser_session_gone RENAME TO browser_session`.execute(house().ground.db)
      }
      const log = house().logLines.join('')
      expect(log).toContain('browser_session')
      for (const secret of secrets) expect(log).not.toContain(secret)
      for (const line of house().logLines) expect(() => JSON.parse(line)).not.toThrow()
    })

    test('counts who signed in, by how, and nobody who did not', async () => {
      const org = await house().newOrg()
      const person = await org.person({ password: 'a long enough password', passkey: true })
      const count = async () => {
        const { body } = await house().app.inject('/metrics')
        return (step: string) =>
          Number(body.match(new RegExp(`^latchkey_sign_ins_total\\{step="${step}"\\} (\\d+)`, 'm'))?.[1] ?? 0)
      }
      const before = await count()
      const browser = org.browser()
      await browser.open('/sign-in')
      await browser.submit('/identify', { identifier: person.email })
      await browser.submit('/select', { step: 'password' })
      await browser.submit('/password', { password: 'another one altogether' })
      expect((await count())('password')).toBe(before('password'))
      await browser.submit('/password', { password: 'a long enough password' })
      const other = org.browser()
      await other.open('/sign-in')
      await signInByPasskey(other, person.authenticator)
      const after = await count()
      expect([after('password') - before('password'), after('passkey') - before('passkey')]).toEqual([1, 1])
    })

    test('knows its own addresses, each once', () => {
      const routes = house().routes()
      const urls = routes.map(({ url }) => url)
      expect(new Set(urls).size).toBe(urls.length)
      expect(urls).toEqual(expect.arrayContaining(['/', '/sign-in/:handle/:step', '/account', '/setup']))
    })

    test('keeps development pages to development', async () => {
      const org = await house().newOrg()
      for (const path of ['/dev/mail', '/dev/mail.json'])
        expect((await org.browser().request('GET', path)).status).toBe(404)
    })
  },
  { logLevel: 'debug' },
)

test('A house that is closed answers nobody, and lets go of its database', async () => {
  const house = await openHouse()
  const url = await house.app.listen({ port: 0, host: '127.0.0.1' })
  const ask = () => overHttp(url)({ method: 'GET', path: '/', headers: { host: 'evil.example' } })
  expect((await ask()).status).toBe(421)
  await house.close()
  await expect(ask()).rejects.toMatchObject({ code: expect.stringMatching(/^ECONN(?:REFUSED|RESET)$/) })
  await expect(sql`SELECT 1`.execute(house.ground.db)).rejects.toThrow()
})

test('A house does not open on a database setting that is none', async () => {
  const opening = openHouse({ config: { database: 'mysql://localhost/latchkey' } })
  await expect(opening).rejects.toMatchObject({ code: 'database_setting_invalid' })
})
