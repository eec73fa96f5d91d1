import { type AuthenticationResponseJSON, verifyAuthenticationResponse } from '@simplewebauthn/server'
import { describe, expect, it } from 'vitest'
import { readChildren, readDer } from '../src/attestation/der.ts'
import {
  type Ceremony,
  type CeremonyErrorCode,
  type Credential,
  createAuthenticationOptions,
  verifyAuthentication,
} from '../src/index.ts'
import { integer, sequence } from '../src/testing/der.ts'
import { type Authenticator, createAuthenticator } from '../src/testing/index.ts'
import { ceremonyFor, type Json, origin, refusal, register, rpId, text, userHandle } from './kit.ts'
import { type Draft, mutations } from './mutations.ts'
import { createRandom, type Random } from './random.ts'

const rounds = 10_000
const names = Object.keys(mutations)

type Ruling = CeremonyErrorCode | 'counter_signal' | 'signature_not_der'

/** Where the two may differ, and why ours is right. Everything else has to be the same. */
const rulings: Partial<Record<Ruling, string>> = {
  signature_not_der:
    'ECDSA signatures are DER with nothing after it (§6.5.5); the library’s parser reads past the rules',
  counter_signal: 'a counter that went backwards is a signal (§7.2 step 22 leaves it to the relying party)',
  backup_eligibility_changed: 'BE never changes (§7.2 step 18); the library does not compare',
  user_handle_missing: 'without a known user the handle is required (§7.2 step 6); the library leaves it to the caller',
  user_handle_mismatch: 'the credential is the user’s own (§7.2 step 6); the library leaves it to the caller',
  credential_mismatch:
    'the response names the credential that is verified (§7.2 step 7); the library leaves it to the caller',
  algorithm_not_allowed: 'a ceremony states its algorithms; the library asks for them at registration only',
  cross_origin_not_allowed: 'a frame needs an allow-list; the library lets crossOrigin without topOrigin pass',
  client_data_malformed: 'strict UTF-8, no duplicate keys, a boolean crossOrigin; the library decodes what it can',
  extension_malformed: 'canonical CBOR with text identifiers; the library re-encodes what it can',
}

type Device = { authenticator: Authenticator; credential: Credential }

async function createDevices(): Promise<Device[]> {
  const algorithms = ['ES256', 'ES256', 'ES256', 'EdDSA', 'EdDSA', 'EdDSA', 'RS256'] as const
  return await Promise.all(
    algorithms.map(async (algorithm, index) => {
      const authenticator = createAuthenticator({ algorithm, backupEligible: index % 2 === 0 })
      return { authenticator, credential: (await register({ authenticator })).credential }
    }),
  )
}

function draftFor(random: Random): { draft: Draft; applied: string[] } {
  const draft: Draft = { get: {}, json: (json) => json, ceremony: {}, credential: {} }
  const count = random.chance(0.25) ? 0 : random.chance(0.8) ? 1 : 2
  const applied = Array.from({ length: count }, () => random.pick(names))
  for (const name of applied) mutations[name]?.(draft, random)
  return { draft, applied }
}

async function oursOf(response: Json, ceremony: Ceremony, credential: Credential) {
  const attempt = verifyAuthentication({ response, ceremony, credential })
  const code = await refusal(attempt)
  return { code, signals: code === 'accepted' ? (await attempt).signals : [] }
}

async function theirsOf(response: Json, ceremony: Ceremony, credential: Credential) {
  try {
    const { id, publicKey, signCount } = credential
    const { verified } = await verifyAuthenticationResponse({
      response: toLibrary(response),
      expectedChallenge: ceremony.challenge,
      expectedOrigin: origin,
      expectedRPID: rpId,
      requireUserVerification: ceremony.userVerification === 'required',
      credential: { id, publicKey: Uint8Array.from(publicKey), counter: signCount },
    })
    return verified
  } catch {
    return false
  }
}

/** Their types want a client that is already parsed; what we refuse to parse goes to them as it is. */
function toLibrary(response: Json): AuthenticationResponseJSON {
  const wire: unknown = response
  return wire as AuthenticationResponseJSON
}

function rulingOn({ code, signals }: Awaited<ReturnType<typeof oursOf>>, response: Json, credential: Credential) {
  if (signals.includes('counter_regressed')) return 'counter_signal'
  const signature = Buffer.from(text(response.response.signature), 'base64url')
  return code === 'signature_invalid' && credential.algorithm === -7 && !isDer(signature) ? 'signature_not_der' : code
}

/** Exactly one spelling of two positive integers. */
function isDer(signature: Uint8Array): boolean {
  try {
    const integers = readChildren(readDer(signature).value).map(({ value }) => integer(value))
    return Buffer.from(sequence(...integers)).equals(signature)
  } catch {
    return false
  }
}

describe('Our verifier and @simplewebauthn/server', () => {
  it(`agree on ${rounds} assertions, valid and mutated, but for the rulings`, { timeout: 120_000 }, async () => {
    const random = createRandom(20_260_730)
    const devices = await createDevices()
    const unexplained: string[] = []
    const seen = new Set<string>()
    const outcomes = new Map<string, number>()
    for (let round = 0; round < rounds; round += 1) {
      const { authenticator, credential: held } = random.pick(devices)
      const { draft, applied } = draftFor(random)
      const challenge = Buffer.from(random.bytes(32)).toString('base64url')
      const options = createAuthenticationOptions({ rpId, challenge })
      const response = draft.json(JSON.parse(JSON.stringify(authenticator.get(options, { origin, ...draft.get }))))
      const { userHandle: _, ...usernameless } = { ...ceremonyFor({ challenge }), ...draft.ceremony }
      const ceremony = random.chance(0.5) ? usernameless : { ...usernameless, userHandle }
      const credential = { ...held, ...draft.credential }
      const ours = await oursOf(response, ceremony, credential)
      const theirs = await theirsOf(response, ceremony, credential)
      outcomes.set(ours.code, (outcomes.get(ours.code) ?? 0) + 1)
      if ((ours.code === 'accepted') === theirs) continue
      const ruling = rulingOn(ours, response, credential)
      seen.add(ruling)
      if (!Object.hasOwn(rulings, ruling))
        unexplained.push(`${round} ${applied.join(' + ')}: ${ours.code}, they ${theirs}`)
    }
    expect(unexplained).toEqual([])
    expect([...seen].sort()).toEqual(Object.keys(rulings).sort())
    // Neither a generator that makes only nonsense nor one that makes none would prove anything.
    expect(outcomes.get('accepted')).toBeGreaterThan(rounds / 5)
    expect(outcomes.get('signature_invalid')).toBeGreaterThan(rounds / 50)
    expect(outcomes.size).toBeGreaterThan(18)
  })
})
