import { lookup as systemLookup } from 'node:dns/promises'
import { request as requestHttp } from 'node:http'
import { request as requestHttps } from 'node:https'
import type { LookupFunction } from 'node:net'
import { isIP } from 'node:net'
import type { Readable } from 'node:stream'
import { isLoopback, isPublic } from './addresses.ts'
import { defineErrors, isLatchkeyError } from './errors.ts'

const outboundErrors = defineErrors({
  outbound_url_refused: { status: 502, message: 'The address is not one that this server calls.' },
  outbound_address_refused: { status: 502, message: 'The host is in a network that this server does not call.' },
  outbound_redirected: { status: 502, message: 'The host answered with a redirect, which is not followed.' },
  outbound_too_large: { status: 502, message: 'The answer is too large.' },
  outbound_timed_out: { status: 502, message: 'The host did not answer in time.' },
  outbound_failed: { status: 502, message: 'The host could not be reached, or its answer is not usable.' },
})

export type OutboundRequest = {
  method?: 'GET' | 'POST'
  headers?: Readonly<Record<string, string>>
  body?: string
  /** For everything together: the name, the connection, the answer to its last byte. */
  timeoutMs?: number
  maxBytes?: number
}

export type OutboundResponse = { status: number; headers: Readonly<Record<string, string | undefined>>; body: Buffer }

/** The only way out: every HTTP request that this server sends to an address that somebody else chose. */
export type Outbound = {
  /**
   * Sends one request over a connection of its own.
   *
   * @throws {LatchkeyError} `outbound_url_refused`, `outbound_address_refused`, `outbound_redirected`,
   * `outbound_too_large`, `outbound_timed_out`, `outbound_failed`
   */
  send(url: string, request?: OutboundRequest): Promise<OutboundResponse>
  /** Gets a JSON document; anything but a 200 with JSON in it is `outbound_failed`. */
  getJson(url: string, request?: Pick<OutboundRequest, 'timeoutMs' | 'maxBytes'>): Promise<unknown>
}

export type OutboundSettings = {
  /** Development: this very machine may be called, by plain http too. Other private networks stay closed. */
  allowsLoopback: boolean
  /** How names become addresses; the system's way unless a test says otherwise. */
  resolve?: (host: string) => Promise<readonly string[]>
}

/**
 * Opens the way out.
 *
 * What a client's metadata names is an address of the client's choice, so that whoever may register one could have this
 * server knock at doors that only it can reach (RFC 9700 §4.16). Hence: https, no redirects, and a name is resolved
 * once, every address it has is checked, and the connection goes to one of those: a name that answers differently a
 * moment later (DNS rebinding) gains nothing.
 */
export function openOutbound(settings: OutboundSettings): Outbound {
  const send = async (url: string, request: OutboundRequest = {}) => {
    const target = parseTarget(url)
    const signal = AbortSignal.timeout(request.timeoutMs ?? 5_000)
    const addresses = await Promise.race([resolveChecked(settings, target), timedOut(signal)])
    return await sendTo({ url: target, addresses, signal }, request)
  }
  return {
    send,
    async getJson(url, limits = {}) {
      const { status, body } = await send(url, { ...limits, headers: { accept: 'application/json' } })
      if (status !== 200) throw outboundErrors.outbound_failed({ cause: new Error(`answered ${status}`) })
      try {
        return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body))
      } catch (cause) {
        throw outboundErrors.outbound_failed({ cause })
      }
    },
  }
}

function parseTarget(text: string): URL {
  const url = URL.parse(text)
  const isWeb = url?.protocol === 'https:' || url?.protocol === 'http:'
  if (!url || !isWeb || url.username !== '' || url.password !== '') throw outboundErrors.outbound_url_refused()
  return url
}

/** The addresses of a host, all of which may be called: one bad one among good ones is an attempt. */
async function resolveChecked(settings: OutboundSettings, { protocol, hostname }: URL): Promise<readonly string[]> {
  const { allowsLoopback, resolve = resolveBySystem } = settings
  if (protocol === 'http:' && !allowsLoopback) throw outboundErrors.outbound_url_refused()
  const host = hostname.replace(/^\[|\]$/g, '')
  const addresses = isIP(host) ? [host] : await resolve(host).catch(failed)
  const isAllowed = (address: string) =>
    (allowsLoopback && isLoopback(address)) || (protocol === 'https:' && isPublic(address))
  if (addresses.length === 0) throw outboundErrors.outbound_failed({ cause: new Error('no address') })
  if (!addresses.every(isAllowed)) throw outboundErrors.outbound_address_refused()
  return addresses
}

async function resolveBySystem(host: string): Promise<readonly string[]> {
  return (await systemLookup(host, { all: true })).map(({ address }) => address)
}

/** Answers Node's question for the host's address with those that were checked, whatever it asks. */
function pinned(addresses: readonly string[]): LookupFunction {
  const answers = addresses.map((address) => ({ address, family: isIP(address) }))
  return (_host, { all }, callback) => {
    const [first] = answers
    if (all || !first) callback(null, answers)
    else callback(null, first.address, first.family)
  }
}

/** A name that is slow to resolve counts towards the time as well. */
function timedOut(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(outboundErrors.outbound_timed_out()), { once: true })
  })
}

type Call = { url: URL; addresses: readonly string[]; signal: AbortSignal }

async function sendTo({ url, addresses, signal }: Call, request: OutboundRequest): Promise<OutboundResponse> {
  const { method = 'GET', headers = {}, body, maxBytes = 64 * 1024 } = request
  const start = url.protocol === 'https:' ? requestHttps : requestHttp
  try {
    return await new Promise<OutboundResponse>((resolve, reject) => {
      const sent = start(url, {
        method,
        headers: { 'accept-encoding': 'identity', 'user-agent': 'Latchkey', ...headers },
        lookup: pinned(addresses),
        signal,
        // No connection that was opened for somebody else's answer to "where is this host".
        agent: false,
      })
      sent.on('error', reject)
      sent.on('response', (response) => {
        const { statusCode: status = 0 } = response
        if (status >= 300 && status < 400) {
          response.destroy()
          return reject(outboundErrors.outbound_redirected())
        }
        const read = readBody(response, maxBytes)
        read.then((bytes) => resolve({ status, headers: single(response.headers), body: bytes }), reject)
      })
      sent.end(body)
    })
  } catch (cause) {
    if (isLatchkeyError(cause)) throw cause
    throw signal.aborted ? outboundErrors.outbound_timed_out({ cause }) : outboundErrors.outbound_failed({ cause })
  }
}

async function readBody(response: Readable, maxBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = []
  let size = 0
  // Leaving the loop by an exception closes the connection.
  for await (const chunk of response) {
    size += chunk.length
    if (size > maxBytes) throw outboundErrors.outbound_too_large()
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

function single(headers: Readonly<Record<string, string | string[] | undefined>>) {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(', ') : value]),
  )
}

function failed(cause: unknown): never {
  throw outboundErrors.outbound_failed({ cause })
}
