import { oauthErrors } from '../errors.ts'
import type { Presented } from './method.ts'

const shape = /^basic +([A-Za-z0-9+/_-]+={0,2}) *$/i

/**
 * Reads an `Authorization: Basic` header. Each half is form-encoded (RFC 6749 §2.3.1); a half that is not, from a
 * client that skipped the encoding, is taken as it is. A name without a colon is a public client (Okta's libraries).
 *
 * @throws {LatchkeyError} `basic_malformed`
 */
export function parseBasic(authorization: string): Presented {
  const encoded = shape.exec(authorization)?.[1]
  const text = encoded === undefined ? undefined : decodeUtf8(Buffer.from(encoded, 'base64'))
  if (text === undefined) throw oauthErrors.basic_malformed()
  const colon = text.indexOf(':')
  const clientId = decodeHalf(colon < 0 ? text : text.slice(0, colon))
  const secret = colon < 0 ? '' : decodeHalf(text.slice(colon + 1))
  if (clientId === '') throw oauthErrors.basic_malformed()
  return secret === '' ? { clientId } : { clientId, secret }
}

function decodeUtf8(bytes: Buffer): string | undefined {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes)
    return /\p{Cc}/u.test(text) ? undefined : text
  } catch {
    return undefined
  }
}

function decodeHalf(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '))
  } catch {
    return text
  }
}
