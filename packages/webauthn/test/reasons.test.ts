import { randomBytes } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import type { CborMap, CborValue } from '../src/cbor.ts'
import { CeremonyError, type CeremonyErrorCode, ceremonyErrorCodes } from '../src/index.ts'
import { createAttestationAuthority, createAuthenticator, createKeyPair, encodeCbor } from '../src/testing/index.ts'
import { registerTpm } from './checklist/platforms.ts'
import { authenticate, expectRefusal, flipped, inner, outer, register } from './kit.ts'
import { tpmExtensions } from './tpm.ts'

const having = (name: string | number, value: CborValue) => (map: CborMap) => new Map([...map, [name, value]])
const changed = (name: string, value: unknown) => (clientData: Record<string, unknown>) => ({
  ...clientData,
  [name]: value,
})
const authority = createAttestationAuthority()
const key = createKeyPair('ES256', randomBytes)
const past = { notBefore: new Date('2021-01-01'), notAfter: new Date('2022-01-01') }

/** A packed attestation whose leaf was issued with these properties. */
function issued(input: Partial<Parameters<typeof authority.issue>[0]>, more: Uint8Array[] = []) {
  const certificates = [authority.issue({ publicKey: key.publicKey, ...input }), ...more]
  return register({
    create: { attestation: 'packed-x5c', signingKey: key, certificates },
    policy: { trustAnchors: [authority.certificate] },
  })
}

/** One way to each refusal; the type makes sure that no code is forgotten. */
const attempts: Record<CeremonyErrorCode, () => Promise<unknown>> = {
  response_malformed: () => authenticate({ json: outer('type', 'password') }),
  client_data_malformed: () => authenticate({ get: { clientData: () => '[]' } }),
  type_mismatch: () => authenticate({ get: { type: 'webauthn.create' } }),
  challenge_mismatch: () => authenticate({ get: { challenge: 'AAAAAAAAAAAAAAAAAAAAAA' } }),
  origin_not_allowed: () => authenticate({ get: { origin: 'https://example.org:8443' } }),
  cross_origin_not_allowed: () => authenticate({ get: { crossOrigin: true } }),
  top_origin_not_allowed: () =>
    authenticate({
      get: { crossOrigin: true, topOrigin: 'https://evil.example' },
      ceremony: { topOrigins: ['https://example.com'] },
    }),
  token_binding_malformed: () => authenticate({ get: { clientData: changed('tokenBinding', { status: 'x' }) } }),
  authenticator_data_malformed: () => authenticate({ get: { extraBytes: Uint8Array.of(0) } }),
  extension_malformed: () => authenticate({ get: { extensionData: encodeCbor(new Map([[1, true]])) } }),
  rp_id_mismatch: () => authenticate({ get: { rpId: 'example.com' } }),
  user_not_present: () => authenticate({ get: { flags: { userPresent: false } } }),
  user_not_verified: () =>
    authenticate({ get: { flags: { userVerified: false } }, ceremony: { userVerification: 'required' } }),
  backup_state_invalid: () =>
    authenticate({ device: { backupEligible: false }, get: { flags: { backupState: true } } }),
  backup_eligibility_changed: () => authenticate({ get: { flags: { backupEligible: false, backupState: false } } }),
  credential_mismatch: () => authenticate({ credential: { id: 'AAAA' } }),
  credential_not_allowed: () => authenticate({ ceremony: { allowCredentials: ['AAAA'] } }),
  credential_rp_id_mismatch: () => authenticate({ credential: { rpId: 'example.com' } }),
  credential_id_too_long: () => register({ create: { credentialId: new Uint8Array(1024) }, json: outer2Id }),
  user_handle_missing: () => authenticate({ get: { userHandle: null }, usernameless: true }),
  user_handle_mismatch: () => authenticate({ get: { userHandle: 'AAAA' } }),
  attested_data_missing: () =>
    register({ create: { flags: { attestedData: false }, authenticatorData: (bytes) => bytes.slice(0, 37) } }),
  algorithm_not_allowed: () => register({ ceremony: { algorithms: [-8] } }),
  algorithm_unsupported: () => register({ create: { publicKey: having(3, -999) }, ceremony: { algorithms: [-999] } }),
  public_key_malformed: () => register({ create: { publicKey: having(-2, new Uint8Array(32)) } }),
  signature_invalid: () => authenticate({ get: { signature: flipped } }),
  counter_regressed: () => authenticate({ device: { counter: 5 }, get: { counter: 5 }, counter: 'refuse' }),
  attestation_object_malformed: () => register({ create: { attestationObject: () => encodeCbor([]) } }),
  attestation_format_unsupported: () => register({ create: { attestationObject: having('fmt', 'compound') } }),
  attestation_format_not_allowed: () => register({ policy: { formats: ['packed'] } }),
  attestation_statement_malformed: () => register({ create: { statement: having('alg', -7) } }),
  attestation_signature_invalid: () => register({ create: { attestation: 'packed-self', signature: flipped } }),
  attestation_key_mismatch: () => register({ create: { attestation: 'packed-self', statement: having('alg', -8) } }),
  attestation_challenge_mismatch: () => registerTpm({ signed: new Uint8Array(69) }),
  attestation_aaguid_mismatch: () =>
    issued({ extensions: [{ id: '1.3.6.1.4.1.45724.1.1.4', value: Buffer.alloc(18).fill(4, 0, 1).fill(16, 1, 2) }] }),
  attestation_certificate_invalid: () => registerTpm({ extensions: tpmExtensions(undefined, '2.23.133.8.1') }),
  attestation_certificate_expired: () => issued(past),
  attestation_chain_invalid: () => issued({}, [createAttestationAuthority().certificate]),
  attestation_untrusted: () => register({ policy: { required: true } }),
}

function outer2Id(json: Parameters<ReturnType<typeof outer>>[0]) {
  return { ...json, id: 'AAAA', rawId: 'AAAA' }
}

describe('Reason codes', () => {
  for (const code of ceremonyErrorCodes) {
    it(`${code} refuses what it says`, () => expectRefusal(attempts[code](), code))
  }

  it('come with words that are safe to show, and keep the cause for the logs', async () => {
    const attempt = register({ json: inner('attestationObject', 7) })
    await expect(attempt).rejects.toMatchObject({
      name: 'CeremonyError',
      message: 'The response is not a public key credential.',
      cause: 'attestationObject is not a string',
    })
    expect(new CeremonyError('signature_invalid').cause).toBeUndefined()
  })
})

describe('Mistakes of the caller', () => {
  it('are TypeErrors, not refusals of the response', async () => {
    const challenge = 'AAAAAAAA'
    await expect(register({ ceremony: { challenge } })).rejects.toThrow(TypeError)
    await expect(authenticate({ ceremony: { challenge } })).rejects.toThrow(TypeError)
    await expect(authenticate({ ceremony: { rpId: '' } })).rejects.toThrow(TypeError)
    await expect(authenticate({ ceremony: { origins: [] } })).rejects.toThrow(TypeError)
    await expect(authenticate({ ceremony: { algorithms: [] } })).rejects.toThrow(TypeError)
    await expect(
      register({ policy: { trustAnchors: ['nonsense'] }, device: { attestation: 'packed-x5c' } }),
    ).rejects.toThrow('a trust anchor is not a certificate')
    expect(createAuthenticator().credentials()).toEqual([])
  })
})
