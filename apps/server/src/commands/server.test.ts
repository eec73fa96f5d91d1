import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { Agent, type IncomingMessage, request } from 'node:http'
import { connect } from 'node:net'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { beforeAll, describe, expect, test } from 'vitest'
import {
  type Environment,
  get,
  newFolder,
  productionSettings,
  type RunningServer,
  runLatchkey,
  startLatchkey,
} from './testing/binary.ts'

let settings: Environment
let server: RunningServer
beforeAll(async () => {
  settings = await productionSettings()
  server = await startLatchkey(['start'], settings, /"msg":"ready"/)
})

const ask = (path: string, host?: string) => get(settings.PORT ?? '', path, host)
const blueprint = (content: unknown) => {
  const file = join(newFolder(), 'blueprint.json')
  writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content))
  return file
}

describe('latchkey start', () => {
  test('is ready once it listens, and refuses hosts that are nobody here', async () => {
    expect(await ask('/health/ready')).toMatchObject({ status: 200 })
    expect((await ask('/.well-known/passkey-endpoints')).status).toBe(200)
    const { status, body } = await ask('/.well-known/passkey-endpoints', 'elsewhere.example')
    expect(status).toBe(421)
    expect(JSON.parse(body)).toMatchObject({ code: 'unknown_host' })
  })

  test('has no development pages', async () => {
    expect((await ask('/dev/mail')).status).toBe(404)
    expect((await ask('/dev/mail.json')).status).toBe(404)
  })

  test('tells the set-up code where logs are not collected, and logs JSON without it', async () => {
    const code = server.stderr().match(/\/setup with the code ((?:[A-Z0-9]{4}-){4}[A-Z0-9]{4})/)?.[1]
    expect(code).toBeDefined()
    expect(server.stdout()).not.toContain(code)
    for (const line of server.stdout().trim().split('\n')) expect(JSON.parse(line)).toHaveProperty('level')
  })

  test('says which port is in use', async () => {
    const second = await runLatchkey(['start'], settings)
    expect(second.code).toBe(1)
    expect(second.stderr).toContain(`latchkey: Port ${settings.PORT} is in use.`)
  })
})

describe('latchkey apply', () => {
  const acme = { orgs: [{ id: 'acme', name: 'Acme', hosts: ['acme.localhost'] }] }

  test('is seen by the running server at its next request, and changes nothing the second time', async () => {
    expect((await ask('/.well-known/passkey-endpoints', 'acme.localhost')).status).toBe(421)
    const file = blueprint(acme)
    expect(await runLatchkey(['apply', file], settings)).toMatchObject({ code: 0, stdout: 'acme: created 1 orgs\n' })
    expect((await ask('/.well-known/passkey-endpoints', 'acme.localhost')).status).toBe(200)
    expect(await runLatchkey(['apply', file], settings)).toMatchObject({ code: 0, stdout: 'acme: nothing to change\n' })
  })

  test.each([
    ['an unknown key', { orgs: [{ id: 'acme', nmae: 'x' }] }, '$.orgs[0].nmae: is not known here'],
    [
      'a reference to nobody',
      { orgs: [{ id: 'acme', groups: [{ name: 'g', members: ['x'] }] }] },
      '$.orgs[0].groups[0].members[0]: is not a user',
    ],
    ['something that is not JSON', '{ orgs: [] }', 'is not JSON'],
  ])('refuses %s and names its place', async (_what, content, message) => {
    const { code, stdout, stderr } = await runLatchkey(['apply', blueprint(content)], settings)
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toContain(message)
    expect(stderr.trim().split('\n')).toHaveLength(1)
  })

  test('prints the JSON Schema of blueprints', async () => {
    const { code, stdout } = await runLatchkey(['apply', '--print-schema'])
    expect(code).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject({ title: 'Latchkey blueprint' })
  })
})

describe('latchkey doctor', () => {
  const lines = (stdout: string) =>
    stdout
      .trim()
      .split('\n')
      .map((line) => line.split(/ {2,}/))

  test('finds a running server well, one line for each check', async () => {
    const { code, stdout } = await runLatchkey(['doctor'], settings)
    const found = lines(stdout)
    expect(found.filter(([status]) => status === 'fail')).toEqual([])
    expect(code).toBe(0)
    const names = [
      'settings',
      'address',
      'clock',
      'rp id',
      'proxies',
      'well-known',
      'database',
      'durability',
      'disk',
      'secret key',
      'signing keys',
      'mail',
    ]
    expect([...new Set(found.map(([, name]) => name))]).toEqual(names)
    expect(found.find(([, name]) => name === 'mail')).toMatchObject([
      'warn',
      'mail',
      expect.stringContaining('Set LATCHKEY_SMTP_URL'),
    ])
  })

  const illnesses: [string, () => Environment, string, RegExp][] = [
    [
      'a server that does not answer',
      () => ({ LATCHKEY_URL: 'http://localhost:1' }),
      'address',
      /does not answer: .*Start the server/,
    ],
    [
      'data encrypted with another key',
      () => ({ LATCHKEY_SECRET_KEY: 'another-key-of-at-least-32-characters' }),
      'signing keys',
      /cannot be decrypted\. Add the LATCHKEY_SECRET_KEY/,
    ],
    [
      'a relying party that is an address',
      () => ({ LATCHKEY_URL: `http://127.0.0.1:${settings.PORT}` }),
      'rp id',
      /names only/,
    ],
    [
      'an empty database',
      () => ({ LATCHKEY_DATA: newFolder() }),
      'database',
      /4 migrations are missing\. Run: latchkey migrate/,
    ],
    [
      'a mail server that does not answer',
      () => ({ LATCHKEY_SMTP_URL: 'smtp://localhost:1' }),
      'mail',
      /localhost:1 refuses: .*ECONNREFUSED/,
    ],
    [
      'a database that cannot be reached',
      () => ({ LATCHKEY_DATABASE: 'postgres://localhost:1/x' }),
      'database',
      /ECONNREFUSED.*Check LATCHKEY_DATABASE/,
    ],
    ['settings that are not there', () => ({ LATCHKEY_URL: '' }), 'settings', /LATCHKEY_URL is missing/],
  ]
  test.each(illnesses)('names %s, says what to do and ends with 1', async (_what, change, name, words) => {
    const { code, stdout } = await runLatchkey(['doctor'], { ...settings, ...change() })
    expect(code).toBe(1)
    const told = lines(stdout).filter(([status, check]) => status === 'fail' && check === name)
    expect(told.map(([, , found]) => found).join('\n')).toMatch(words)
  })
})

describe('latchkey rotate-keys', () => {
  const kids = async () => {
    const { keys }: { keys: { kid: string }[] } = JSON.parse((await ask('/oauth2/default/v1/keys')).body)
    return keys.map(({ kid }) => kid)
  }

  test('lets the next key take over once clients can know it, and not twice', async () => {
    const before = await kids()
    const first = await runLatchkey(['rotate-keys', '--org', 'default', '--server', 'default'], settings)
    expect(first.code).toBe(0)
    const [, promoted, retired] = first.stdout.match(/^default\/default: (\S+) takes over from (\S+) at \d{4}-/) ?? []
    expect(before).toEqual(expect.arrayContaining([promoted, retired]))
    // A third key is published already; none that signed has gone.
    expect(await kids()).toEqual(expect.arrayContaining(before))
    expect(await kids()).toHaveLength(3)
    const second = await runLatchkey(['rotate-keys', '--org', 'default', '--server', 'default'], settings)
    expect(second.stdout).toBe('default/default: a rotation is under way already\n')
  })

  test('at once where somebody insists', async () => {
    const { code, stdout } = await runLatchkey(['rotate-keys', '--now', '--server=org', '--org=default'], settings)
    expect(code).toBe(0)
    const at = Date.parse(stdout.match(/ at (\S+)/)?.[1] ?? '')
    expect(Math.abs(at - Date.now())).toBeLessThan(60_000)
  })

  test('refuses an org that is not there', async () => {
    const { code, stderr } = await runLatchkey(['rotate-keys', '--org', 'nobody'], settings)
    expect(code).toBe(2)
    expect(stderr).toContain('There is no such org')
  })
})

describe('Asked to stop', () => {
  test('the server answers the request that is open, takes no other, and ends in time without an error', async () => {
    const open = await openRequest()
    // As browsers open them in advance: nothing is asked on it.
    const silent = connect(Number(settings.PORT), 'localhost')
    await once(silent, 'connect')
    const stopped = server.stop('SIGTERM')
    await expect.poll(() => ask('/health/live').catch(({ code }) => code)).toBe('ECONNREFUSED')
    const { body, ...answer } = await open.finish()
    expect(answer).toEqual({ status: 401, connection: 'close' })
    expect(JSON.parse(body)).toMatchObject({ error: 'invalid_client' })
    const { code, tookMs } = await stopped
    expect(code).toBe(0)
    expect(tookMs).toBeLessThan(5_000)
    expect(server.stdout()).toContain('"msg":"stopping"')
    expect(server.stdout()).not.toContain('"level":"error"')
  })
})

/**
 * A request that the server has begun to read when this resolves, and cannot answer before its body has come. Its
 * client would keep the connection, as proxies do.
 */
async function openRequest() {
  const body = 'grant_type=nothing'
  const headers = {
    'content-type': 'application/x-www-form-urlencoded',
    'content-length': body.length,
    expect: '100-continue',
  }
  const agent = new Agent({ keepAlive: true })
  const asked = request({
    host: 'localhost',
    port: settings.PORT,
    path: '/oauth2/default/v1/token',
    method: 'POST',
    headers,
    agent,
  })
  const answered = once(asked, 'response')
  asked.flushHeaders()
  await once(asked, 'continue')
  return {
    async finish() {
      asked.end(body)
      const [response]: IncomingMessage[] = await answered
      const { statusCode: status, headers: answer } = response ?? { headers: {} }
      return { status, connection: answer.connection, body: response ? await text(response) : '' }
    },
  }
}
