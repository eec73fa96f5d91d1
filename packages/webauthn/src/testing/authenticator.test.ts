import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { parseAttestationObject } from '../attestation/object.ts'
import { parseAuthenticatorData } from '../authenticator-data.ts'
import { createAuthenticationOptions, createRegistrationOptions } from '../index.ts'
import { createAuthenticator, type Randomness } from './index.ts'

const origin = 'https://example.org'
const rp = { id: 'example.org', name: 'Example' }
const user = { id: 'AAECAwQFBgcICQoLDA0O', name: 'ada', displayName: 'Ada' }
const creation = createRegistrationOptions({ rp, user })
const request = createAuthenticationOptions({ rpId: rp.id })

function seeded(seed: string): Randomness {
  let count = 0
  return (length) => {
    count += 1
    return createHash('shake256', { outputLength: length }).update(`${seed} ${count}`).digest()
  }
}
const bytes = (text: string) => Uint8Array.from(Buffer.from(text, 'base64url'))

describe('The software authenticator', () => {
  it('makes the same credential from the same randomness', () => {
    for (const algorithm of ['ES256', 'EdDSA'] as const) {
      const [one, two, three] = ['a', 'a', 'b'].map((seed) =>
        createAuthenticator({ algorithm, randomness: seeded(seed) }).create(creation, { origin }),
      )
      expect(one).toEqual(two)
      expect(one).not.toEqual(three)
    }
  })

  it('holds one discoverable credential per relying party and user', () => {
    const authenticator = createAuthenticator()
    const create = (rpId: string, id: string) =>
      authenticator.create({ ...creation, rp: { id: rpId, name: rpId }, user: { ...user, id } }, { origin }).id
    create('example.org', 'AAAA')
    const second = create('example.org', 'AAAA')
    const third = create('example.org', 'AAAB')
    const fourth = create('example.com', 'AAAA')
    expect(authenticator.credentials().map(({ id }) => id)).toEqual([second, third, fourth])
    expect(authenticator.get(request, { origin })).toMatchObject({ id: third, response: { userHandle: 'AAAB' } })
    authenticator.forget(third)
    expect(authenticator.get(request, { origin }).id).toBe(second)
  })

  it('answers with an allowed credential, discoverable or not', () => {
    const authenticator = createAuthenticator()
    const options = createRegistrationOptions({ rp, user, residentKey: 'discouraged' })
    const { id } = authenticator.create(options, { origin })
    expect(() => authenticator.get(request, { origin })).toThrow('No credential fits.')
    const allowed = createAuthenticationOptions({ rpId: rp.id, allowCredentials: [{ id }] })
    expect(authenticator.get(allowed, { origin })).toMatchObject({ id })
  })

  it('refuses as a browser does', () => {
    const authenticator = createAuthenticator({ algorithm: 'EdDSA' })
    const { id } = authenticator.create(creation, { origin })
    const name = (attempt: () => unknown) => {
      try {
        attempt()
        return 'accepted'
      } catch (error) {
        return error instanceof DOMException ? error.name : 'crash'
      }
    }
    const excluding = createRegistrationOptions({ rp, user, excludeCredentials: [{ id }] })
    expect(name(() => authenticator.create(excluding, { origin }))).toBe('InvalidStateError')
    const es256 = createRegistrationOptions({ rp, user, algorithms: [-7] })
    expect(name(() => authenticator.create(es256, { origin }))).toBe('NotSupportedError')
    expect(name(() => authenticator.get({ ...request, rpId: 'example.com' }, { origin }))).toBe('NotAllowedError')
  })

  it('counts when it has a counter, and stays at zero when it has none', () => {
    const counts = (counter?: number) => {
      const authenticator = createAuthenticator(counter === undefined ? {} : { counter })
      const { response } = authenticator.create(creation, { origin })
      const first = parseAttestationObject(bytes(response.attestationObject)).data.signCount
      const later = [1, 2].map(() => {
        const assertion = authenticator.get(request, { origin }).response
        return parseAuthenticatorData(bytes(assertion.authenticatorData)).signCount
      })
      return [first, ...later]
    }
    expect(counts(7)).toEqual([7, 8, 9])
    expect(counts()).toEqual([0, 0, 0])
  })

  it('sets each flag as it is told', () => {
    const authenticator = createAuthenticator({ backupEligible: false, userVerified: false })
    authenticator.create(creation, { origin })
    const flagsOf = (flags: object) => {
      const { response } = authenticator.get(request, { origin, flags })
      return bytes(response.authenticatorData)[32]
    }
    expect(flagsOf({})).toBe(0x01)
    expect(flagsOf({ userPresent: false, userVerified: true })).toBe(0x04)
    expect(flagsOf({ backupEligible: true, backupState: true })).toBe(0x19)
    expect(flagsOf({ attestedData: true, extensionData: true })).toBe(0xc1)
  })
})
