import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const program = `
import { createAuthenticationOptions, createRegistrationOptions, verifyAuthentication, verifyRegistration } from '@latchkey/webauthn'
import { createAuthenticator } from '@latchkey/webauthn/testing'

const origin = 'https://example.org'
const rp = { id: 'example.org', name: 'Example' }
const user = { id: 'AAECAwQFBgcICQoLDA0O', name: 'ada', displayName: 'Ada' }
const asked = { rpId: rp.id, origins: [origin], userVerification: 'required', algorithms: [-7], userHandle: user.id }
const authenticator = createAuthenticator({ attestation: 'packed-x5c', counter: 1 })

const creation = createRegistrationOptions({ rp, user })
const { credential } = await verifyRegistration({
  response: authenticator.create(creation, { origin }),
  ceremony: { ...asked, challenge: creation.challenge },
  attestation: { trustAnchors: [authenticator.authority.certificate] },
})
const request = createAuthenticationOptions({ rpId: rp.id })
const ceremony = { ...asked, challenge: request.challenge }
const signedIn = await verifyAuthentication({ response: authenticator.get(request, { origin }), ceremony, credential })
const stolen = authenticator.get(request, { origin: 'https://evil.example' })
const refused = await verifyAuthentication({ response: stolen, ceremony, credential }).catch(({ code }) => code)
console.log(JSON.stringify({ trusted: credential.attestation.trusted, count: signedIn.credential.signCount, refused }))
`

const folder = mkdtempSync(join(tmpdir(), 'latchkey-packed-'))
const installed = join(folder, 'node_modules', '@latchkey', 'webauthn')

beforeAll(() => {
  const pack = resolve(import.meta.dirname, '..', 'pack.mjs')
  const tarball = execFileSync(process.execPath, [pack, folder], { encoding: 'utf8' }).trim()
  mkdirSync(installed, { recursive: true })
  execFileSync('tar', ['-xzf', tarball, '-C', installed, '--strip-components=1'])
}, 120_000)

afterAll(() => rmSync(folder, { recursive: true }))

describe('The packed package', () => {
  it('registers and signs in under plain node, far from the repository', () => {
    writeFileSync(join(folder, 'program.mjs'), program)
    const output = execFileSync(process.execPath, ['--no-strip-types', 'program.mjs'], {
      cwd: folder,
      encoding: 'utf8',
    })
    expect(JSON.parse(output)).toEqual({ trusted: true, count: 2, refused: 'origin_not_allowed' })
  })

  it('holds compiled code with declarations, and neither sources nor tests', () => {
    const files = readdirSync(installed, { recursive: true, encoding: 'utf8' }).filter((name) => /\.\w+$/.test(name))
    expect(files).toContain(join('dist', 'index.d.ts'))
    expect(files).toContain(join('dist', 'testing', 'index.js'))
    expect(files.filter((name) => /\.test\.|(?<!\.d)\.ts$/.test(name))).toEqual([])
  })

  it('needs nothing but node', () => {
    const manifest: unknown = JSON.parse(readFileSync(join(installed, 'package.json'), 'utf8'))
    expect(manifest).not.toHaveProperty('devDependencies')
    expect(manifest).toMatchObject({ engines: { node: '>=24' }, license: 'Apache-2.0' })
    const sources = readdirSync(installed, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.js'))
    const imported = sources.flatMap((name) =>
      [...readFileSync(join(installed, name), 'utf8').matchAll(/from '([^.'][^']*)'/g)].map(([, module]) => module),
    )
    expect([...new Set(imported)]).toEqual(['node:crypto'])
  })
})
