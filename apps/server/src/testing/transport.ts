import { request as httpRequest, type IncomingHttpHeaders } from 'node:http'
import { buffer } from 'node:stream/consumers'
import type { FastifyInstance } from 'fastify'

export type Sent = {
  method: string
  path: string
  headers: Record<string, string>
  body?: string | Buffer | undefined
  /** The peer's address, where the transport can choose it. */
  ip?: string | undefined
}

export type Received = { status: number; headers: Readonly<Record<string, string | string[]>>; text: string }

/** How a request gets to the server. */
export type Transport = (sent: Sent) => Promise<Received>

/** Without a network: into the server itself. */
export function overInject(app: Pick<FastifyInstance, 'inject'>): Transport {
  return async ({ method, path, headers, body, ip = '192.0.2.10' }) => {
    const answer = await app.inject({
      // The methods of fastify's type are fewer than those that people send.
      method: method as 'GET',
      url: path,
      headers,
      remoteAddress: ip,
      ...(body !== undefined && { payload: body }),
    })
    return { status: answer.statusCode, headers: given(answer.headers), text: answer.body }
  }
}

/** Over a socket, to a server that listens at `url`; the Host header is whatever the headers say. */
export function overHttp(url: string): Transport {
  return async ({ method, path, headers, body }) => {
    const { promise, resolve, reject } = Promise.withResolvers<Received>()
    const length = body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) }
    const request = httpRequest(new URL(url), { method, path, headers: { ...headers, ...length } }, (response) => {
      buffer(response).then(
        (bytes) =>
          resolve({ status: response.statusCode ?? 0, headers: given(response.headers), text: bytes.toString() }),
        reject,
      )
    })
    request.on('error', reject)
    request.end(body)
    return await promise
  }
}

function given(headers: IncomingHttpHeaders | Record<string, unknown>): Record<string, string | string[]> {
  const entries = Object.entries(headers).filter(([, value]) => value !== undefined)
  return Object.fromEntries(entries.map(([name, value]) => [name, Array.isArray(value) ? value : String(value)]))
}
