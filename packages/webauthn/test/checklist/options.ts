import { expect } from 'vitest'
import { createAuthenticationOptions, createRegistrationOptions, supportedAlgorithms } from '../../src/index.ts'
import { register, registrationOptions, rpId, userHandle } from '../kit.ts'
import type { Checks } from './check.ts'

export const creationOptions: Checks = {
  'P-1': async () => {
    const extensions = { credProps: true, 'example.extension': true }
    const options = registrationOptions({ extensions })
    expect(options.user).toEqual({ id: userHandle, name: 'ada@example.org', displayName: 'Ada' })
    expect(options.rp).toEqual({ id: rpId, name: 'Example' })
    expect(Buffer.from(options.challenge, 'base64url').byteLength).toBeGreaterThanOrEqual(16)
    expect(options.pubKeyCredParams.every(({ alg }) => supportedAlgorithms.includes(alg))).toBe(true)
    expect(options.pubKeyCredParams.length).toBeGreaterThan(0)
    expect(options.timeout).toBeGreaterThan(0)
    expect(options.extensions).toEqual(extensions)
    const user = { id: Buffer.alloc(65).toString('base64url'), name: 'a', displayName: 'a' }
    expect(() => createRegistrationOptions({ rp: options.rp, user })).toThrow(TypeError)
  },
  'P-2': async () => expect(registrationOptions({ attestation: 'none' }).attestation).toBe('none'),
  'P-3': async () => expect(registrationOptions().challenge).not.toBe(registrationOptions().challenge),
  'P-4': async () => {
    const { authenticatorSelection } = registrationOptions({ userVerification: 'required' })
    expect(authenticatorSelection.userVerification).toBe('required')
  },
}

export const requestOptions: Checks = {
  'P-1': async () => {
    const { credential } = await register()
    const extensions = { 'example.extension': true }
    const userVerification = 'required'
    const options = createAuthenticationOptions({ rpId, allowCredentials: [credential], userVerification, extensions })
    expect(options).toMatchObject({ rpId, userVerification, extensions })
    expect(options.allowCredentials.map(({ id }) => id)).toEqual([credential.id])
    expect(Buffer.from(options.challenge, 'base64url').byteLength).toBeGreaterThanOrEqual(16)
  },
  'P-2': async () => {
    const challenges = [1, 2].map(() => createAuthenticationOptions({ rpId }).challenge)
    expect(new Set(challenges).size).toBe(2)
  },
}
