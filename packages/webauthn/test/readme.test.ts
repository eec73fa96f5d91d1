import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { describe, expect, it } from 'vitest'
import { ceremonyErrorCodes } from '../src/index.ts'
import { type CreateOptions, createAuthenticator, type GetOptions } from '../src/testing/index.ts'
import { origin, userHandle } from './kit.ts'

const readme = readFileSync(resolve(import.meta.dirname, '../README.md'), 'utf8')
const source = /<!-- example: .*? -->\n```js\n(.*?)```/s.exec(readme)?.[1] ?? ''

type Example = {
  startRegistration(session: string, user: object): CreateOptions
  finishRegistration(session: string, response: object): Promise<void>
  startAuthentication(session: string): GetOptions
  finishAuthentication(session: string, response: object): Promise<{ userHandle: string; signals: string[] }>
}

/** Runs the text as the module that a reader would make of it. */
async function loadExample(): Promise<Example> {
  // Inside the package, where node resolves the package by its own name.
  const folder = mkdtempSync(join(import.meta.dirname, '..', '.readme-'))
  try {
    const file = join(folder, 'server.mjs')
    writeFileSync(file, source)
    return await import(pathToFileURL(file).href)
  } finally {
    rmSync(folder, { recursive: true })
  }
}

describe('The README', () => {
  it('lists every reason code once, and no other', () => {
    const listed = [...readme.matchAll(/^\| `(\w+)` \|/gm)].map(([, code]) => code)
    expect(listed).toEqual([...ceremonyErrorCodes])
  })

  it('has an example that registers, signs in, and answers each challenge once', async () => {
    const server = await loadExample()
    const authenticator = createAuthenticator({ counter: 1 })
    const user = { id: userHandle, name: 'ada@example.org', displayName: 'Ada' }
    await server.finishRegistration('s', authenticator.create(server.startRegistration('s', user), { origin }))
    const response = authenticator.get(server.startAuthentication('s'), { origin })
    expect(await server.finishAuthentication('s', response)).toEqual({ userHandle, signals: [] })
    await expect(server.finishAuthentication('s', response)).rejects.toThrow('expired')
    const phished = authenticator.get(server.startAuthentication('s'), { origin: 'https://examp1e.org' })
    await expect(server.finishAuthentication('s', phished)).rejects.toMatchObject({ code: 'origin_not_allowed' })
    expect(() => authenticator.create(server.startRegistration('s', user), { origin })).toThrow('already holds')
  })
})
