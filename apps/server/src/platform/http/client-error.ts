import { STATUS_CODES } from 'node:http'
import type { Socket } from 'node:net'
import type { LatchkeyError } from '../errors.ts'
import { httpErrors } from './errors.ts'
import { securityHeaders } from './headers.ts'

const errorsOfNode: Readonly<Record<string, () => LatchkeyError>> = {
  HPE_HEADER_OVERFLOW: httpErrors.header_too_large,
  ERR_HTTP_REQUEST_TIMEOUT: httpErrors.timeout,
}

/** Answers what is not HTTP, too long in its head or too slow: there is no request yet, so that it is written by hand. */
export function answerClientError(error: Error & { code?: string }, socket: Socket): void {
  if (error.code !== 'ECONNRESET' && socket.writable) socket.write(answerTo(error.code ?? ''))
  socket.destroy()
}

function answerTo(nodeCode: string): string {
  const { status, code, message: title } = (errorsOfNode[nodeCode] ?? httpErrors.malformed_request)()
  const body = JSON.stringify({ status, code, title })
  const headers = {
    ...securityHeaders,
    'cache-control': 'no-store',
    connection: 'close',
    'content-type': 'application/problem+json; charset=utf-8',
    'content-length': String(Buffer.byteLength(body)),
    'x-latchkey-error': code,
  }
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`)
  return [`HTTP/1.1 ${status} ${STATUS_CODES[status]}`, ...lines, '', body].join('\r\n')
}
