import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

const checker = join(import.meta.dirname, 'check-house.mjs')
const server = 'apps/server/src'

let root = ''
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'house-'))
})
afterEach(async () => {
  await rm(root, { recursive: true, force: true })
})

/** A house in order, in which every room imports what its row of the table allows. */
const sound: Record<string, string> = {
  'apps/server/package.json': '{ "name": "@latchkey/server" }',
  'apps/console/package.json': '{ "name": "@latchkey/console" }',
  'packages/webauthn/package.json': '{ "name": "@latchkey/webauthn" }',
  'packages/webauthn/src/index.ts': "export { a } from './a.ts'",
  'packages/webauthn/src/testing/index.ts': "import { a } from '../a.ts'",
  'packages/webauthn/test/kit.ts': "import { software } from '../src/testing/index.ts'",
  'packages/webauthn/src/a.test.ts': "import { software } from './testing/index.ts'\nimport './index.ts'",
  [`${server}/main.ts`]: "import { build } from './app.ts'\nimport './config.ts'",
  [`${server}/app.ts`]: "import { sweep } from './jobs/sweep.ts'\nimport './endpoints/oauth/routes.ts'",
  [`${server}/config.ts`]: "import { parse } from './platform/settings.ts'",
  [`${server}/app.test.ts`]: "import { start } from '@latchkey/webauthn/testing'\nimport './endpoints/oauth/routes.ts'",
  [`${server}/platform/database/index.ts`]: "export * from './open.ts'",
  [`${server}/platform/database/testing.ts`]: "import { open } from './index.ts'",
  [`${server}/records/orgs/index.ts`]: "/** Owns orgs. */\nexport { findOrg } from './store.ts'",
  [`${server}/records/orgs/store.ts`]: "import { db } from '../../platform/database/index.ts'\ndb.selectFrom('org')",
  [`${server}/records/orgs/testing.ts`]: "import { db } from '../../platform/database/testing.ts'",
  [`${server}/records/users/index.ts`]: "/** Owns users. */\nexport { findUser } from './store.ts'",
  [`${server}/records/users/store.ts`]: "import type { Org } from '../orgs/index.ts'",
  [`${server}/records/users/store.test.ts`]: "import { seedOrg } from '../orgs/testing.ts'\ndb.selectFrom('user')",
  [`${server}/access/session.ts`]: "import { a } from '../records/users/index.ts'",
  [`${server}/directory/enrol.ts`]: "import { a } from '../hooks/call.ts'",
  [`${server}/authorization/issue.ts`]: "import { a } from '../hooks/call.ts'",
  [`${server}/sign-in/answer.ts`]: "import { a } from '../directory/enrol.ts'",
  [`${server}/federation/callback.ts`]: "import { a } from '../sign-in/answer.ts'",
  [`${server}/pages/layout.ts`]: "import { a } from '../platform/ids.ts'",
  [`${server}/jobs/sweep.ts`]: "import { a } from '../pages/layout.ts'",
  [`${server}/endpoints/oauth/routes.ts`]:
    "import { a } from './token/grant.ts'\nimport b from '../../access/session.ts'",
  'examples/demo/main.ts': "import { a } from '@latchkey/webauthn'",
}

async function check(files: Record<string, string>): Promise<{ code: number; lines: string[] }> {
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(root, path)), { recursive: true })
    await writeFile(join(root, path), text)
  }
  return await new Promise((resolve) => {
    execFile(process.execPath, [checker, root], (error, stdout) => {
      resolve({ code: error === null ? 0 : Number(error.code), lines: stdout.trimEnd().split('\n') })
    })
  })
}

const lines = (count: number): string => "import 'node:fs'\n".repeat(count)

/** What breaks a rule: the file, its text, and what is said of it. */
const broken: [rule: string, file: string, text: string, said: string][] = [
  [
    'platform imports nothing here',
    'platform/a.ts',
    "import { a } from '../records/orgs/index.ts'",
    'platform may not import records',
  ],
  [
    'records stay below',
    'records/users/a.ts',
    "import { a } from '../../access/session.ts'",
    'records may not import access',
  ],
  [
    'records are ordered',
    'records/orgs/a.ts',
    "import { a } from '../users/index.ts'",
    'records/users stands after records/orgs',
  ],
  ['access stays below', 'access/a.ts', "import { a } from '../directory/enrol.ts'", 'access may not import directory'],
  ['hooks stay below', 'hooks/a.ts', "import { a } from '../directory/enrol.ts'", 'hooks may not import directory'],
  [
    'directory stays below',
    'directory/a.ts',
    "import { a } from '../authorization/issue.ts'",
    'directory may not import authorization',
  ],
  [
    'authorization stays below',
    'authorization/a.ts',
    "import { a } from '../sign-in/answer.ts'",
    'authorization may not import sign-in',
  ],
  ['the engine has no pages', 'sign-in/a.ts', "import { a } from '../pages/layout.ts'", 'sign-in may not import pages'],
  [
    'the engine has no access',
    'sign-in/a.ts',
    "import { a } from '../access/session.ts'",
    'sign-in may not import access',
  ],
  [
    'federation issues nothing',
    'federation/a.ts',
    "import { a } from '../authorization/issue.ts'",
    'federation may not import authorization',
  ],
  [
    'pages are given data',
    'pages/a.ts',
    "import { a } from '../records/users/index.ts'",
    'pages may not import records',
  ],
  ['jobs sign nobody in', 'jobs/a.ts', "import { a } from '../sign-in/answer.ts'", 'jobs may not import sign-in'],
  [
    'endpoints start no jobs',
    'endpoints/idx/a.ts',
    "import { a } from '../../jobs/sweep.ts'",
    'endpoints may not import jobs',
  ],
  [
    'endpoints are apart',
    'endpoints/idx/a.ts',
    "import { a } from '../oauth/routes.ts'",
    'an endpoint never imports another endpoint',
  ],
  [
    'nobody imports the house',
    'endpoints/idx/a.ts',
    "import { a } from '../../app.ts'",
    'endpoints may not import app.ts',
  ],
  [
    'settings are handed down',
    'sign-in/a.ts',
    "import type { Config } from '../config.ts'",
    'sign-in may not import config.ts',
  ],
  [
    'rooms are planned',
    'lobby/a.ts',
    "import { a } from '../platform/ids.ts'",
    'lobby has no row in the table of rooms',
  ],
  [
    'records have one door',
    'access/a.ts',
    "import { a } from '../records/users/store.ts'",
    'a record is entered only through its index.ts',
  ],
  [
    'tests use that door too',
    'access/a.test.ts',
    "import { a } from '../records/users/store.ts'",
    'a record is entered only through its index.ts',
  ],
  [
    'a room does not use its own door',
    'records/users/a.ts',
    "import { a } from './index.ts'",
    'inside a room nobody imports its own index.ts',
  ],
  [
    'test modules stay in tests',
    'access/a.ts',
    "import { a } from '../platform/database/testing.ts'",
    'only tests import what is made for tests',
  ],
  [
    'published test modules do too',
    'access/a.ts',
    "import { a } from '@latchkey/webauthn/testing'",
    'only tests import what is made for tests',
  ],
  ['a re-export is an import', 'platform/a.ts', "export { a } from '../app.ts'", 'platform may not import app.ts'],
  [
    'so is a type',
    'platform/a.ts',
    "import type {\n  A, // isn't a value\n  B,\n} from '../app.ts'",
    'platform may not import app.ts',
  ],
  ['so is a dynamic import', 'platform/a.ts', "const a = await import('../app.ts')", 'platform may not import app.ts'],
  ['so is an import for its effect', 'platform/a.ts', "import '../app.ts'", 'platform may not import app.ts'],
  [
    'so is a worker',
    'platform/a.ts',
    "new Worker(new URL('../app.ts', import.meta.url))",
    'platform may not import app.ts',
  ],
]

const outside: [rule: string, file: string, text: string, said: string][] = [
  [
    'apps are apart',
    'apps/console/src/a.ts',
    "import { a } from '../../server/src/config.ts'",
    'apps never import each other',
  ],
  ['by name too', 'apps/console/src/a.ts', "import { a } from '@latchkey/server'", 'apps never import each other'],
  [
    'packages stand alone',
    'packages/webauthn/src/b.ts',
    "import { a } from '../../../apps/server/src/config.ts'",
    'packages never import apps',
  ],
  [
    'packages go by name',
    'packages/browser/src/b.ts',
    "import { a } from '../../webauthn/src/a.ts'",
    'what others install is imported by its name',
  ],
  [
    'examples use what anyone can install',
    'examples/demo/b.ts',
    "import { a } from '../../tools/a.ts'",
    'what others install is imported by its name',
  ],
]

describe('The check of the house', () => {
  it('finds nothing wrong in a house in order, and says how much it read', async () => {
    const { code, lines: said } = await check(sound)
    expect(said).toEqual(['25 files, 30 imports, 0 problems'])
    expect(code).toBe(0)
  })

  it.each([...broken.map(([rule, file, ...rest]) => [rule, `${server}/${file}`, ...rest] as const), ...outside])(
    'refuses a breach: %s',
    async (_, file, text, said) => {
      const { code, lines: problems } = await check({ ...sound, [file]: text })
      expect(problems.filter((line) => line.startsWith(`${file} imports `) && line.includes(`: ${said}`))).not.toEqual(
        [],
      )
      expect(code).toBe(1)
    },
  )

  it.each([
    ['code of 401 lines', 'tools/a.ts', lines(401), 'tools/a.ts: 401 lines, more than 400'],
    ['a test of 601 lines', 'tools/a.test.ts', lines(601), 'tools/a.test.ts: 601 lines, more than 600'],
    [
      'SQL outside a store',
      `${server}/sign-in/a.ts`,
      "db.deleteFrom('user')",
      `${server}/sign-in/a.ts: SQL belongs in a store.ts`,
    ],
    [
      'a record without a store',
      `${server}/records/keys/index.ts`,
      '/** */',
      `${server}/records/keys: has no store.ts`,
    ],
    ['a record without a door', `${server}/records/keys/store.ts`, '', `${server}/records/keys: has no index.ts`],
    [
      'a record that says nothing',
      `${server}/records/orgs/index.ts`,
      'export {}',
      `${server}/records/orgs/index.ts: does not begin by saying what the room owns`,
    ],
    [
      'a record without a place',
      `${server}/records/pets/index.ts`,
      '/** */',
      `${server}/records/pets: has no place in the ordered list of records`,
    ],
  ])('refuses %s', async (_, file, text, said) => {
    const { code, lines: problems } = await check({ ...sound, [file]: text })
    expect(problems).toContain(said)
    expect(code).toBe(1)
  })

  it.each([
    ['code of 400 lines', 'tools/a.ts', lines(400)],
    ['a test of 600 lines', 'tools/a.test.ts', lines(600)],
    [
      'an import that a comment shows',
      `${server}/platform/a.ts`,
      "/**\n * import { a } from '../app.ts'\n */\n// import '../app.ts'",
    ],
  ])('allows %s', async (_, file, text) => {
    expect((await check({ ...sound, [file]: text })).code).toBe(0)
  })

  it('fails when it reads nothing', async () => {
    const { code, lines: said } = await check({})
    expect(said[0]).toBe(`Read 0 files and no import in ${root}: nothing was checked.`)
    expect(code).toBe(1)
  })
})
