import { fromBase64url } from './base64url.ts'
import type { CborMap, CborValue } from './cbor.ts'
import type { Ceremony, ExtensionOutputs } from './types.ts'

/**
 * A ceremony that cannot protect anything is a mistake of the caller, not of the response.
 *
 * The options that we make carry 16 to 64 bytes; twice as much is verified, because a vector of Level 3 has 128.
 */
export function checkCeremony(ceremony: Ceremony): void {
  const challenge = fromBase64url(ceremony.challenge)
  if (!challenge || challenge.byteLength < 16 || challenge.byteLength > 128) {
    throw new TypeError('ceremony.challenge must be base64url of at least 16 bytes')
  }
  if (!ceremony.rpId) throw new TypeError('ceremony.rpId is missing')
  if (ceremony.origins.length === 0) throw new TypeError('ceremony.origins is empty')
  if (ceremony.algorithms.length === 0) throw new TypeError('ceremony.algorithms is empty')
}

const defaultExtensions: readonly string[] = ['credProps']

/** Outputs that nobody asked for are dropped: a client may add what it likes. */
export function askedExtensions(
  ceremony: Ceremony,
  client: Record<string, unknown>,
  authenticator: CborMap = new Map(),
): ExtensionOutputs {
  const asked = ceremony.extensions ?? defaultExtensions
  return {
    client: Object.fromEntries(Object.entries(client).filter(([name]) => asked.includes(name))),
    authenticator: Object.fromEntries(
      [...authenticator].filter(([name]) => asked.includes(String(name))).map(([name, value]) => [name, plain(value)]),
    ),
  }
}

function plain(value: CborValue): unknown {
  if (Array.isArray(value)) return value.map(plain)
  if (!(value instanceof Map)) return value
  return Object.fromEntries([...value].map(([name, inner]) => [name, plain(inner)]))
}
