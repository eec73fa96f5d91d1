import { Agent, type IncomingHttpHeaders, request } from 'node:http'
import { createServer } from 'node:net'

export type Answer = { status: number; headers: IncomingHttpHeaders; text: string }
export type Sent = { method?: 'GET' | 'POST'; headers?: Readonly<Record<string, string>>; body?: string }

/** A server as its clients reach it: over connections that stay open. */
export type Site = { readonly origin: string; send(path: string, sent?: Sent): Promise<Answer>; close(): void }

/** Opens a site on this machine. Its name is told in the Host header alone, so that no lookup is measured. */
export function openSite(port: number): Site {
  const agent = new Agent({ keepAlive: true })
  const host = `localhost:${port}`
  return {
    origin: `http://${host}`,
    close: () => agent.destroy(),
    send: (path, { method = 'GET', headers, body } = {}) =>
      new Promise((resolve, reject) => {
        const length = body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) }
        const options = { agent, host: '127.0.0.1', port, path, method, headers: { host, ...headers, ...length } }
        const sent = request(options, (response) => {
          const chunks: Buffer[] = []
          response.on('data', (chunk: Buffer) => chunks.push(chunk))
          response.on('error', reject)
          response.on('end', () => {
            const { statusCode = 0, headers: received } = response
            resolve({ status: statusCode, headers: received, text: Buffer.concat(chunks).toString() })
          })
        })
        sent.on('error', reject)
        sent.end(body)
      }),
  }
}

/** A browser as far as a server can tell: it keeps cookies and says what Chrome says. */
export type Browser = { cookie(): string; send(path: string, sent?: Sent): Promise<Answer> }

const asChrome = {
  'user-agent': 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36',
  accept: 'text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8',
  'accept-language': 'en-GB,en;q=0.9',
  'accept-encoding': 'gzip, deflate, br, zstd',
}

export function openBrowser(site: Site): Browser {
  const cookies = new Map<string, string>()
  const cookie = () => [...cookies].map(([name, value]) => `${name}=${value}`).join('; ')
  return {
    cookie,
    async send(path, { headers, ...sent } = {}) {
      const kept = cookies.size > 0 ? { cookie: cookie() } : {}
      const answer = await site.send(path, { ...sent, headers: { ...asChrome, ...kept, ...headers } })
      for (const line of answer.headers['set-cookie'] ?? []) {
        const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? []
        cookies.set(name, value)
      }
      return answer
    },
  }
}

/** Where an answer sends the browser. @throws when it does not */
export function locationOf({ status, headers, text }: Answer): URL {
  if (headers.location !== undefined) return new URL(headers.location, 'http://localhost')
  throw new Error(`no redirect but ${status}: ${text.slice(0, 500)}`)
}

/** What an answer says in JSON. @throws when it is a refusal */
export function jsonOf({ status, text }: Answer): Readonly<Record<string, unknown>> {
  if (status !== 200) throw new Error(`${status}: ${text.slice(0, 500)}`)
  const value: unknown = JSON.parse(text)
  if (typeof value !== 'object' || value === null) throw new Error(`no object: ${text.slice(0, 500)}`)
  return { ...value }
}

/** A member that has to be a text. */
export function textOf(values: Readonly<Record<string, unknown>>, name: string): string {
  const value = values[name]
  if (typeof value === 'string') return value
  throw new Error(`${name} is missing in ${JSON.stringify(values).slice(0, 500)}`)
}

export async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  if (typeof address === 'object' && address) return address.port
  throw new Error('no port is free')
}

/** Waits until an address answers with 200. */
export async function waitFor(site: Site, path: string): Promise<void> {
  const deadline = performance.now() + 60_000
  while (performance.now() < deadline) {
    const answer = await site.send(path).catch(() => undefined)
    if (answer?.status === 200) return
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
  throw new Error(`${site.origin}${path} did not answer`)
}
