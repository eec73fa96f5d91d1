import { type RegistrationResponseJSON, SettingsService, verifyRegistrationResponse } from '@simplewebauthn/server'
import { describe, expect, it } from 'vitest'
import { supportedAlgorithms, verifyRegistration } from '../src/index.ts'
import { createAttestationAuthority, createAuthenticator } from '../src/testing/index.ts'
import {
  ceremonyFor,
  inner,
  type Json,
  origin,
  refusal,
  registrationOptions,
  rpId,
  text,
  vectorAnchors,
  vectors,
} from './kit.ts'
import { createRandom, type Random } from './random.ts'

const rounds = 1500
const authority = createAttestationAuthority()
const trustAnchors = [authority.certificate, ...(vectors ? vectorAnchors() : [])]

type Registration = { name: string; response: Json; challenge: string }

/** Formats of which the library accepts sound statements without trust anchors. */
function registrations(): Registration[] {
  const made = (['ES256', 'EdDSA', 'RS256'] as const).flatMap((algorithm) =>
    (['none', 'packed-self', 'packed-x5c'] as const).map((attestation) => {
      const options = registrationOptions()
      const json = createAuthenticator({ algorithm, attestation, authority }).create(options, { origin })
      return {
        name: `${algorithm} ${attestation}`,
        response: JSON.parse(JSON.stringify(json)),
        challenge: options.challenge,
      }
    }),
  )
  const known = ['apple-es256', 'packed-es384', 'packed-rs256', 'packed-ed448', 'packed-self-es256']
  const fromVectors = (vectors?.vectors ?? [])
    .filter(({ id }) => known.includes(id))
    .map((vector) => ({
      name: vector.id,
      response: vector.registrationResponseJSON,
      challenge: vector.expectedChallenge.registration,
    }))
  return [...made, ...fromVectors]
}

function mutate(response: Json, random: Random): Json {
  const name = random.chance(0.9) ? 'attestationObject' : 'clientDataJSON'
  const bytes = Buffer.from(text(response.response[name]), 'base64url')
  for (let turns = random.below(3); turns > 0; turns -= 1) {
    const index = random.below(bytes.byteLength)
    bytes[index] = (bytes[index] ?? 0) ^ (1 << random.below(8))
  }
  return inner(name, bytes.toString('base64url'))(response)
}

/** A certificate that nobody vouches for is a claim; whether it is well made is judged on the way to the anchors. */
async function isBelieved(attempt: ReturnType<typeof verifyRegistration>): Promise<boolean> {
  if ((await refusal(attempt)) !== 'accepted') return false
  const { credential, certificates } = await attempt
  return certificates.length === 0 || credential.attestation.trusted
}

async function theirs(response: Json, challenge: string): Promise<boolean> {
  const wire: unknown = response
  try {
    const { verified } = await verifyRegistrationResponse({
      response: wire as RegistrationResponseJSON,
      expectedChallenge: challenge,
      expectedOrigin: origin,
      expectedRPID: rpId,
      requireUserVerification: false,
      supportedAlgorithmIDs: [...supportedAlgorithms],
    })
    return verified
  } catch {
    return false
  }
}

describe('Registrations, beside @simplewebauthn/server', () => {
  it(`never believe what it refuses, in ${rounds} valid and mutated ones`, { timeout: 120_000 }, async () => {
    // Its anchors are one setting for the whole process; without any it verifies the statement alone, as ours does.
    SettingsService.setRootCertificates({ identifier: 'apple', certificates: [] })
    const random = createRandom(14_003)
    const all = registrations()
    const lenient: string[] = []
    let accepted = 0
    for (let round = 0; round < rounds; round += 1) {
      const { name, response: sound, challenge } = random.pick(all)
      const response = mutate(sound, random)
      const ceremony = ceremonyFor({ challenge }, { algorithms: supportedAlgorithms })
      if (
        !(await isBelieved(verifyRegistration({ response, ceremony, attestation: { trustAnchors, required: false } })))
      )
        continue
      accepted += 1
      if (!(await theirs(response, challenge))) lenient.push(`${round} ${name}`)
    }
    expect(lenient).toEqual([])
    expect(accepted).toBeGreaterThan(rounds / 4)
  })

  it('accept all the sound ones that it accepts', async () => {
    SettingsService.setRootCertificates({ identifier: 'apple', certificates: [] })
    for (const { name, response, challenge } of registrations()) {
      const ceremony = ceremonyFor({ challenge }, { algorithms: supportedAlgorithms })
      const ours = await refusal(verifyRegistration({ response, ceremony }))
      expect([name, ours, await theirs(response, challenge)]).toEqual([name, 'accepted', true])
    }
  })
})
