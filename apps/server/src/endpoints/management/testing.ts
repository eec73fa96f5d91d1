/** A caller of the management API for tests: real routes of a real house, with an API token. */
import { inTransaction } from '../../platform/database/index.ts'
import { insertApiToken, type NewApiToken } from '../../records/api-tokens/index.ts'
import { overInject, type TestOrg, type Transport } from '../../testing/index.ts'

export type Answer<Body = unknown> = {
  readonly status: number
  readonly reason: string | undefined
  readonly body: Body
  /** The addresses of the Link header, by their relation. */
  readonly links: Readonly<Record<string, string>>
  header(name: string): string | undefined
}

export type Caller = {
  readonly token: string
  /** One request; a path or one of our own absolute addresses. The body's type is the test's to know. */
  call<Body = Record<string, unknown>>(method: string, path: string, body?: unknown): Promise<Answer<Body>>
}

export async function issueToken(org: TestOrg, input: Partial<NewApiToken> = {}): Promise<string> {
  const { db, now } = org.house.ground
  const { value } = await inTransaction(db, (tx) => insertApiToken(tx, org.id, { name: 'CI', ...input }, now()))
  return value
}

/** Calls an org's API with a token; with one of the operator's unless given. */
export async function openCaller(org: TestOrg, given?: string): Promise<Caller> {
  const token = given ?? (await issueToken(org))
  const transport = overInject(org.house.app)
  const headers = { host: new URL(org.url).host, accept: 'application/json', authorization: `SSWS ${token}` }
  return {
    token,
    async call<Body>(method: string, path: string, body?: unknown) {
      const sent = body === undefined ? {} : { body: JSON.stringify(body) }
      const type = body === undefined ? {} : { 'content-type': 'application/json' }
      const target = path.startsWith(org.url) ? path.slice(org.url.length) : path
      return toAnswer<Body>(await transport({ method, path: target, headers: { ...headers, ...type }, ...sent }))
    },
  }
}

function toAnswer<Body>({ status, headers, text }: Awaited<ReturnType<Transport>>): Answer<Body> {
  const header = (name: string) => [headers[name] ?? []].flat().join(', ') || undefined
  const links = [...(header('link') ?? '').matchAll(/<([^>]*)>; rel="(\w+)"/g)]
  return {
    status,
    reason: header('x-latchkey-error'),
    body: text === '' ? (undefined as Body) : (JSON.parse(text) as Body),
    links: Object.fromEntries(links.map(([, address = '', relation = '']) => [relation, address])),
    header,
  }
}
