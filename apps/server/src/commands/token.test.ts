import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { type Environment, newFolder, productionSettings, runLatchkey } from './testing/binary.ts'

const blueprint = {
  orgs: [
    {
      id: 'default',
      users: [
        { login: 'root@example.com', email: 'root@example.com', roles: ['admin'] },
        { login: 'ada@example.com', email: 'ada@example.com' },
      ],
    },
  ],
}

describe('latchkey token', () => {
  let settings: Environment
  beforeAll(async () => {
    settings = await productionSettings()
    const file = join(newFolder(), 'blueprint.json')
    writeFileSync(file, JSON.stringify(blueprint))
    expect((await runLatchkey(['apply', file], settings)).code).toBe(0)
  })
  const run = (...args: string[]) => runLatchkey(['token', ...args], settings)

  test('creates, lists and revokes', async () => {
    expect(await run()).toMatchObject({ code: 0, stdout: '' })
    const created = await run('create', '--name', 'Terraform', '--days', '30')
    expect(created.code).toBe(0)
    const [said = '', value = ''] = created.stdout.split('\n')
    const id = /^(00T\w{17}) was created/.exec(said)?.[1] ?? ''
    expect(value).toMatch(/^00[\w-]{40}$/)
    const own = await run('create', '--name=CI', '--user', 'root@example.com')
    expect(own.code).toBe(0)
    const { stdout } = await run('list')
    expect(stdout).toMatch(new RegExp(`^${id}  Terraform  all rights, never used, expires \\d{4}-.*Z$`, 'm'))
    expect(stdout).toMatch(/^00T\w{17} {2}CI {2}as 00u\w{17}, never used$/m)
    expect(stdout).not.toContain(value)
    expect(await run('revoke', '--id', id)).toMatchObject({ code: 0, stdout: `${id} was revoked.\n` })
    expect((await run('list')).stdout).not.toContain(id)
  })

  test.each([
    [['explode'], 2, 'There is nothing like "token explode"'],
    [['toString'], 2, 'There is nothing like "token toString"'],
    [['create'], 2, 'Say what the token is for'],
    [['create', '--name', 'CI', '--days', 'soon'], 2, '--days must be a number of days'],
    [['create', '--name', 'CI', '--user', 'nobody@example.com'], 2, 'There is no user "nobody@example.com".'],
    [['create', '--name', 'CI', '--user', 'ada@example.com'], 1, 'An API token needs an administrator'],
    [['revoke'], 2, 'Name the token by its id'],
    [['revoke', '--id', '00Tnobody'], 2, 'Name the token by its id'],
    [['list', '--org', 'nowhere'], 2, 'There is no such org.'],
  ])('refuses %j', async (args, code, words) => {
    const answer = await run(...args)
    expect(answer).toMatchObject({ code, stdout: '' })
    expect(answer.stderr).toContain(words)
  })
})
