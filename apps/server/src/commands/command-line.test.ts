import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { type Environment, newFolder, productionSettings, runLatchkey, runLatchkeyUnheard } from './testing/binary.ts'

const verbs = ['dev', 'start', 'migrate', 'apply', 'doctor', 'token', 'rotate-keys']

describe('The command line', () => {
  test('lists every verb and what it does', async () => {
    const { code, stdout, stderr } = await runLatchkey(['--help'])
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    for (const verb of verbs) expect(stdout).toMatch(new RegExp(`^ +${verb} {2,}\\S`, 'm'))
  })

  test.each(verbs)('explains %s', async (verb) => {
    const { code, stdout } = await runLatchkey([verb, '--help'])
    expect(code).toBe(0)
    expect(stdout).toContain(`latchkey ${verb}`)
  })

  test('ends without a word where nobody reads on', async () => {
    expect(await runLatchkeyUnheard(['doctor'], await productionSettings())).toEqual({ code: 1, stderr: '' })
  })

  test.each([
    [[], 'Name a command.'],
    [['strat'], 'There is no command "strat".'],
    [['toString'], 'There is no command "toString".'],
    [['migrate', '--dry-run'], 'There is no option "--dry-run".'],
    [['migrate', 'now'], '"now" is one word too many.'],
    [['apply', 'a.json', 'b.json'], '"b.json" is one word too many.'],
    [['rotate-keys', '--org', 'acme', 'default'], '"default" is one word too many.'],
  ])('refuses %j', async (args, message) => {
    const { code, stdout, stderr } = await runLatchkey(args)
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toMatch(`latchkey: ${message}\n`)
  })
})

describe('latchkey start refuses to start', () => {
  let settings: Environment
  beforeAll(async () => {
    settings = await productionSettings()
  })

  const refusals: [string, () => Environment, RegExp][] = [
    ['without an address', () => ({ LATCHKEY_URL: '' }), /LATCHKEY_URL is missing\. Set it/],
    ['on a public host over plain http', () => ({ LATCHKEY_URL: 'http://id.example.com' }), /needs https/],
    ['without a secret key', () => ({ LATCHKEY_SECRET_KEY: '' }), /LATCHKEY_SECRET_KEY is missing\. Make one/],
    [
      'with a setting that does not exist',
      () => ({ LATCHKEY_SECERT_KEY: 'x' }),
      /LATCHKEY_SECERT_KEY is not a setting/,
    ],
    [
      'with a data folder that cannot be',
      () => ({ LATCHKEY_DATA: aFile() }),
      /cannot be written \(E.*set LATCHKEY_DATA/,
    ],
    ['with a database it does not know', () => ({ LATCHKEY_DATABASE: 'mysql://localhost/x' }), /begins with postgres/],
    [
      'with a blueprint that is not there',
      () => ({ LATCHKEY_BLUEPRINT: '/nowhere.json' }),
      /\/nowhere\.json: cannot be read/,
    ],
  ]
  test.each(refusals)('%s, and says what to do in one line', async (_how, change, message) => {
    const { code, stdout, stderr } = await runLatchkey(['start'], { ...settings, ...change() })
    expect({ code, stdout: stdout.replaceAll(/^\{.*\}\n/gm, '') }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toMatch(message)
    expect(stderr.trim().split('\n')).toHaveLength(1)
  })
})

describe('latchkey migrate', () => {
  test('makes the database, and has nothing to do the second time', async () => {
    const settings = await productionSettings()
    const first = await runLatchkey(['migrate'], settings)
    expect(first).toMatchObject({ code: 0, stdout: expect.stringContaining('applied 0001-foundations') })
    expect(await runLatchkey(['migrate'], settings)).toMatchObject({
      code: 0,
      stdout: 'The database is up to date.\n',
    })
  })

  test('fails with the reason where the database cannot be reached', async () => {
    const settings = { ...(await productionSettings()), LATCHKEY_DATABASE: 'postgres://localhost:1/nothing' }
    const { code, stderr } = await runLatchkey(['migrate'], settings)
    expect(code).toBe(1)
    expect(stderr).toMatch(/^latchkey: The database cannot be reached.*ECONNREFUSED/)
  })
})

function aFile(): string {
  const file = join(newFolder(), 'a-file')
  writeFileSync(file, '')
  return file
}
