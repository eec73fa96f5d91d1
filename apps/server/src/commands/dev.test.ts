import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { freePort } from '../../../../tools/test/free-port.ts'
import { closeDatabase, openDatabase } from '../platform/database/index.ts'
import { listEvents } from '../records/events/index.ts'
import { defaultOrgId, getOrg } from '../records/orgs/index.ts'
import { type Environment, get, newFolder, type RunningServer, runLatchkey, startLatchkey } from './testing/binary.ts'

const threeLines = /(.*\n){3}/
let settings: Environment
let server: RunningServer
beforeAll(async () => {
  settings = {
    PORT: String(await freePort()),
    LATCHKEY_DEMO_PORT: String(await freePort()),
    LATCHKEY_DATA: join(newFolder(), 'data'),
  }
  server = await startLatchkey(['dev'], settings, threeLines)
})

const ask = (path: string, host?: string) => get(settings.PORT ?? '', path, host)
const askDemo = (path: string) => get(settings.LATCHKEY_DEMO_PORT ?? '', path)

describe('latchkey dev', () => {
  test('prints three lines: where to sign in, where to set up the administrator, where the data is', () => {
    const url = `http://localhost:${settings.PORT}`
    expect(server.stdout().trimEnd().split('\n')).toEqual([
      `Sign in        http://localhost:${settings.LATCHKEY_DEMO_PORT} (demo app) or ${url}`,
      expect.stringMatching(new RegExp(`^Administrator  ${url}/setup with the code (\\w{4}-){4}\\w{4}$`)),
      `Data           ${settings.LATCHKEY_DATA}/latchkey.sqlite (mail is at ${url}/dev/mail)`,
    ])
    expect(server.stderr()).toBe('')
  })

  test('serves the pages, the mailbox and the documents, under any name of this machine', async () => {
    for (const path of [
      '/',
      '/setup',
      '/dev/mail',
      '/health/ready',
      '/oauth2/default/.well-known/openid-configuration',
    ])
      expect([path, (await ask(path)).status]).toEqual([path, 200])
    expect((await ask('/', '127.0.0.1')).status).toBe(200)
    expect(JSON.parse((await ask('/dev/mail.json')).body)).toEqual({ messages: [] })
  })

  test('serves the demo app, whose client is there', async () => {
    expect((await askDemo('/')).body).toContain(`http://localhost:${settings.PORT}/oauth2/default`)
    // Where the browser's cookie is kept, that address shows the sign-in page.
    const response = await fetch(`http://localhost:${settings.LATCHKEY_DEMO_PORT}/sign-in`)
    expect(response.url).toMatch(new RegExp(`^http://localhost:${settings.PORT}/sign-in/`))
  })

  test('keeps the set-up code as a hash', () => {
    const code = server.stdout().match(/the code (\S+)/)?.[1] ?? ''
    const folder = settings.LATCHKEY_DATA ?? ''
    const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
    const kept = files.map(({ parentPath, name }) => readFileSync(join(parentPath, name), 'latin1')).join('')
    expect(code).toHaveLength(24)
    expect(kept).toContain('setup')
    expect(kept).not.toContain(code)
  })

  test('says which port is in use when the demo app cannot start, and ends', async () => {
    const other = { ...settings, PORT: String(await freePort()), LATCHKEY_DATA: newFolder() }
    const { code, stdout, stderr } = await runLatchkey(['dev'], other)
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr).toBe(
      `latchkey: Port ${settings.LATCHKEY_DEMO_PORT} is in use. Stop what listens there, or set LATCHKEY_DEMO_PORT.\n`,
    )
  })
})

describe('Started again', () => {
  test('it stops at once, comes back with what it had, and changes nothing but the code', async () => {
    expect(await server.stop('SIGINT')).toMatchObject({ code: 0 })
    const before = await keptFacts()
    const code = server.stdout().match(/the code (\S+)/)?.[1]
    server = await startLatchkey(['dev'], settings, threeLines)
    expect(server.stdout().match(/the code (\S+)/)?.[1]).not.toBe(code)
    await server.stop()
    expect(await keptFacts()).toEqual(before)
  })

  test('on other ports it lets the demo app come back to them, and says where the administrator is', async () => {
    const [port, demoPort] = [String(await freePort()), String(await freePort())]
    const admin = { login: 'admin', email: 'admin@example.com', roles: ['admin'] }
    const blueprint = join(newFolder(), 'blueprint.json')
    writeFileSync(blueprint, JSON.stringify({ orgs: [{ id: 'default', users: [admin] }] }))
    const moved = { ...settings, PORT: port, LATCHKEY_DEMO_PORT: demoPort, LATCHKEY_BLUEPRINT: blueprint }
    server = await startLatchkey(['dev'], moved, threeLines)
    expect(server.stdout()).toContain(`Administrator  is set up: http://localhost:${port}/account\n`)
    const response = await fetch(`http://localhost:${demoPort}/sign-in`)
    expect(response.url).toMatch(new RegExp(`^http://localhost:${port}/sign-in/`))
    await server.stop()
  })

  test('with the ports left to the system, its lines say which', async () => {
    const chosen = { PORT: '0', LATCHKEY_DEMO_PORT: '0', LATCHKEY_DATA: newFolder() }
    server = await startLatchkey(['dev'], chosen, threeLines)
    const [, demo = '', own = ''] = server.stdout().match(/^Sign in +(\S+) \(demo app\) or (\S+)$/m) ?? []
    expect((await fetch(`${own}/health/ready`)).status).toBe(200)
    expect((await fetch(demo)).status).toBe(200)
    await server.stop()
  })
})

async function keptFacts() {
  const db = await openDatabase({ sqlite: join(settings.LATCHKEY_DATA ?? '', 'latchkey.sqlite') })
  const facts = {
    org: await getOrg(db, defaultOrgId),
    events: (await listEvents(db, defaultOrgId, { limit: 100 })).map(({ name }) => name),
  }
  await closeDatabase(db)
  return facts
}
