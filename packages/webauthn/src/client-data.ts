import { fromBase64url } from './base64url.ts'
import { equalBytes } from './bytes.ts'
import { CeremonyError } from './errors.ts'
import type { Ceremony } from './types.ts'

type ClientData = Record<string, unknown>
export type CeremonyType = 'webauthn.create' | 'webauthn.get'

// Strips a byte order mark, as the specification asks, and refuses what is not UTF-8, where it would only replace.
const utf8 = new TextDecoder('utf-8', { fatal: true })
const tokenBindingStatuses: readonly unknown[] = ['present', 'supported', 'not-supported']

/**
 * Steps 5 to 13 of §7.1 and 9 to 16 of §7.2: what the browser says about the ceremony.
 *
 * Members that are not known are ignored, as the specification demands of every relying party.
 */
export function checkClientData(bytes: Uint8Array, type: CeremonyType, ceremony: Ceremony): void {
  const clientData = parseClientData(bytes)
  if (textOf(clientData, 'type') !== type) throw new CeremonyError('type_mismatch')
  checkChallenge(textOf(clientData, 'challenge'), ceremony)
  const origin = textOf(clientData, 'origin')
  if (!origin || !ceremony.origins.includes(origin)) throw new CeremonyError('origin_not_allowed', origin)
  checkFrame(clientData, ceremony)
  checkTokenBinding(clientData.tokenBinding)
}

function parseClientData(bytes: Uint8Array): ClientData {
  let text: string
  let value: unknown
  try {
    text = utf8.decode(bytes)
    value = JSON.parse(text)
  } catch (cause) {
    throw new CeremonyError('client_data_malformed', cause)
  }
  if (!isRecord(value)) throw new CeremonyError('client_data_malformed', 'not an object')
  if (hasDuplicateKeys(text)) throw new CeremonyError('client_data_malformed', 'duplicate keys')
  return value
}

function checkChallenge(challenge: string, ceremony: Ceremony): void {
  const answered = fromBase64url(challenge)
  if (!answered) throw new CeremonyError('client_data_malformed', 'challenge is not base64url')
  const asked = fromBase64url(ceremony.challenge)
  if (!asked || !equalBytes(answered, asked)) throw new CeremonyError('challenge_mismatch')
}

/** A frame is trusted by name: without an allow-list any page could run our ceremony inside itself. */
function checkFrame(clientData: ClientData, ceremony: Ceremony): void {
  const crossOrigin = clientData.crossOrigin ?? false
  if (typeof crossOrigin !== 'boolean') throw new CeremonyError('client_data_malformed', 'crossOrigin is not a boolean')
  const topOrigin = textOf(clientData, 'topOrigin')
  if (!crossOrigin) {
    if (topOrigin) throw new CeremonyError('top_origin_not_allowed', 'topOrigin without crossOrigin')
    return
  }
  if (!ceremony.topOrigins) throw new CeremonyError('cross_origin_not_allowed')
  if (!topOrigin && ceremony.allowUnknownTopOrigin) return
  if (!ceremony.topOrigins.includes(topOrigin)) throw new CeremonyError('top_origin_not_allowed', topOrigin)
}

/** Token binding is gone from Level 3; older clients may still send it, and then it has to make sense. */
function checkTokenBinding(value: unknown): void {
  if (value === undefined) return
  if (!isRecord(value)) throw new CeremonyError('client_data_malformed', 'tokenBinding is not an object')
  if (!tokenBindingStatuses.includes(value.status)) throw new CeremonyError('token_binding_malformed')
}

function textOf(clientData: ClientData, name: string): string {
  const value = clientData[name] ?? ''
  if (typeof value !== 'string') throw new CeremonyError('client_data_malformed', `${name} is not a string`)
  return value
}

const token = /"(?:[^"\\]|\\.)*"(\s*:)?|[{}[\]]/g

/** JSON.parse keeps the last of two equal keys; another reader of the same bytes may keep the first. */
function hasDuplicateKeys(json: string): boolean {
  const seen = new Set<unknown>()
  let depth = 0
  for (const [text, colon] of json.matchAll(token)) {
    if (text === '{' || text === '[') depth += 1
    else if (text === '}' || text === ']') depth -= 1
    else if (depth === 1 && colon !== undefined) {
      const key: unknown = JSON.parse(text.slice(0, -colon.length))
      if (seen.has(key)) return true
      seen.add(key)
    }
  }
  return false
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
