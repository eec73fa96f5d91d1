import type { FastifyInstance } from 'fastify'
import { beforeAll, describe, expect, test } from 'vitest'
import { applyBlueprint, parseBlueprint } from '../../commands/blueprint/index.ts'
import { groundOn, openApp } from '../../commands/testing/app.ts'
import { databases } from '../../platform/database/testing.ts'
import { mountWellKnown } from './index.ts'
import { relatedOrigins } from './related-origins.ts'

const [sqlite] = databases
if (!sqlite) throw new Error('there is no SQLite')
let app: FastifyInstance

beforeAll(async () => {
  const ground = groundOn(await sqlite.open())
  const url = 'https://id.example.com'
  const orgs = [
    { id: 'default', hosts: ['id.example.com'] },
    {
      id: 'brands',
      hosts: ['login.one.example', 'login.two.example'],
      trustedOrigins: [{ name: 'App', origin: 'https://app.three.example', scopes: ['CORS'] }],
    },
  ]
  await applyBlueprint(ground, parseBlueprint({ orgs }), url)
  app = openApp(ground, { mode: 'start', url }, mountWellKnown)
})

const get = (host: string, url: string) => app.inject({ url, headers: { host } })

describe('WebAuthn §5.11 related origins', () => {
  test("are the org's own hosts, and not the origins that may call it", async () => {
    const response = await get('login.one.example', '/.well-known/webauthn')
    expect(response.statusCode).toBe(200)
    expect(response.headers['content-type']).toMatch(/^application\/json/)
    expect(response.json()).toEqual({ origins: ['https://login.one.example', 'https://login.two.example'] })
  })

  test('are nobody where the org has one host', async () => {
    expect((await get('id.example.com', '/.well-known/webauthn')).statusCode).toBe(404)
  })

  test.each([
    [
      'hosts below the relying party id',
      { url: 'https://a.example.com', rpId: 'example.com', hosts: ['a.example.com', 'b.example.com'] },
      [],
    ],
    [
      'a host that only ends alike',
      { url: 'https://example.com', rpId: 'example.com', hosts: ['example.com', 'notexample.com'] },
      ['https://example.com', 'https://notexample.com'],
    ],
    [
      'hosts with the port of the server',
      { url: 'http://a.localhost:8080', rpId: 'a.localhost', hosts: ['a.localhost', 'b.localhost:9090'] },
      ['http://a.localhost:8080', 'http://b.localhost:9090'],
    ],
  ])('are worked out for %s', (_what, org, origins) => {
    expect(relatedOrigins(org)).toEqual(origins)
  })
})

describe('Well-known addresses', () => {
  test('passkey endpoints are answered without a redirect, with the addresses of the org', async () => {
    const response = await get('login.two.example', '/.well-known/passkey-endpoints')
    expect(response.statusCode).toBe(200)
    expect(response.json()).toEqual({
      enroll: 'https://login.one.example/account',
      manage: 'https://login.one.example/account',
    })
  })

  test('change-password leads to the account page', async () => {
    const response = await get('id.example.com', '/.well-known/change-password')
    expect(response.statusCode).toBe(303)
    expect(response.headers.location).toBe('https://id.example.com/account')
  })

  test('are refused for a host that is nobody here', async () => {
    const response = await get('evil.example', '/.well-known/passkey-endpoints')
    expect(response.statusCode).toBe(421)
    expect(response.json()).toMatchObject({ code: 'unknown_host' })
  })
})
