import type { PublishedKey } from '../../authorization/index.ts'
import { type Clock, minute, second } from '../../platform/clock.ts'
import type { Outbound } from '../../platform/outbound.ts'
import type { Client } from '../../records/clients/index.ts'
import { oauthErrors } from './errors.ts'
import { parseKeySet } from './schema.ts'

/** The public keys of clients, as registered or as published at their `jwks_uri`. */
export type ClientKeys = {
  /** @throws {LatchkeyError} `client_keys_missing`, `client_keys_unavailable` */
  of(client: Client): Promise<readonly PublishedKey[]>
  /**
   * Reads again what a client publishes, for a signature whose key was not there; at most every half minute, so that
   * whoever makes keys up cannot have us ask all the time.
   */
  renewed(client: Client): Promise<readonly PublishedKey[]>
}

type Entry = { at: number; keys: Promise<readonly PublishedKey[]> }

const freshMs = 10 * minute
const calmMs = 30 * second
const mostEntries = 1_000

export function openClientKeys({ outbound, now }: { outbound: Outbound; now: Clock }): ClientKeys {
  const entries = new Map<string, Entry>()

  function fetchKeys(uri: string): Entry {
    const keys = outbound.getJson(uri, { timeoutMs: 5_000, maxBytes: 128 * 1024 }).then(parseKeySet)
    const entry: Entry = { at: now(), keys }
    // A failure is remembered as well, for the calm alone.
    keys.catch(() => {
      entry.at = now() - freshMs + calmMs
    })
    entries.delete(uri)
    entries.set(uri, entry)
    const oldest = entries.size > mostEntries ? entries.keys().next().value : undefined
    if (oldest !== undefined) entries.delete(oldest)
    return entry
  }

  async function load({ jwks, jwksUri }: Client, maxAgeMs: number): Promise<readonly PublishedKey[]> {
    if (jwks) return jwks.keys
    if (jwksUri === undefined) throw oauthErrors.client_keys_missing()
    const known = entries.get(jwksUri)
    const entry = known && now() - known.at < maxAgeMs ? known : fetchKeys(jwksUri)
    return await entry.keys.catch((cause: unknown) => {
      throw oauthErrors.client_keys_unavailable({ cause })
    })
  }

  return { of: (client) => load(client, freshMs), renewed: (client) => load(client, calmMs) }
}
