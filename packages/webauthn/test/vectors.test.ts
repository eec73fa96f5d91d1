import { describe, expect, it } from 'vitest'
import { supportedAlgorithms, verifyAuthentication } from '../src/index.ts'
import {
  expectRefusal,
  flipped,
  inner,
  registerVector,
  skipped,
  text,
  type Vector,
  vectorCeremony,
  vectors,
} from './kit.ts'

const selfOrNone = [
  'none-es256',
  'packed-self-es256',
  'none-es256-crossOrigin',
  'none-es256-topOrigin',
  'none-es256-long-credential-id',
]

function untrusted({ id }: Vector) {
  return selfOrNone.includes(id) ? { required: false } : {}
}

describe.skipIf(!vectors)(`WebAuthn Level 3 test vectors ${vectors ? '' : skipped}`, () => {
  const pairs = vectors?.vectors ?? []

  it('are fifteen, and this runtime can verify all of their algorithms', () => {
    expect(pairs).toHaveLength(15)
    expect(pairs.filter(({ credentialAlg }) => !supportedAlgorithms.includes(credentialAlg))).toEqual([])
  })

  for (const vector of pairs) {
    describe(vector.id, () => {
      it('registers, with the trust that its statement earns', async () => {
        const { credential } = await registerVector(vector, undefined, untrusted(vector))
        expect(credential).toMatchObject({
          id: vector.registrationResponseJSON.id,
          algorithm: vector.credentialAlg,
          attestation: { format: vector.fmt, trusted: !selfOrNone.includes(vector.id) },
        })
      })

      it('signs in', async () => {
        const { credential } = await registerVector(vector, undefined, untrusted(vector))
        const ceremony = vectorCeremony(vector.expectedChallenge.authentication)
        const result = await verifyAuthentication({ response: vector.authenticationResponseJSON, ceremony, credential })
        expect(result.credential.id).toBe(credential.id)
      })

      it('is refused with one bit of the signature turned', async () => {
        const { credential } = await registerVector(vector, undefined, untrusted(vector))
        const ceremony = vectorCeremony(vector.expectedChallenge.authentication)
        const signature = Buffer.from(text(vector.authenticationResponseJSON.response.signature), 'base64url')
        const response = inner(
          'signature',
          Buffer.from(flipped(signature)).toString('base64url'),
        )(vector.authenticationResponseJSON)
        await expectRefusal(verifyAuthentication({ response, ceremony, credential }), 'signature_invalid')
      })

      it('is refused without the frame or the challenge that it was made for', async () => {
        const { credential } = await registerVector(vector, undefined, untrusted(vector))
        const response = vector.authenticationResponseJSON
        const challenge = vector.expectedChallenge.registration
        await expectRefusal(
          verifyAuthentication({ response, ceremony: vectorCeremony(challenge), credential }),
          'challenge_mismatch',
        )
        const { topOrigins, ...alone } = vectorCeremony(vector.expectedChallenge.authentication)
        expect(topOrigins).toHaveLength(1)
        if (!vector.id.endsWith('Origin')) return
        await expectRefusal(verifyAuthentication({ response, ceremony: alone, credential }), 'cross_origin_not_allowed')
      })
    })
  }
})
