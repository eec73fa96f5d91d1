import { randomBytes } from 'node:crypto'
import { expect } from 'vitest'
import type { CborMap, CborValue } from '../../src/cbor.ts'
import type { AttestationPolicy } from '../../src/index.ts'
import { type CreateInput, createAttestationAuthority, createKeyPair } from '../../src/testing/index.ts'
import { flipped, register, vectorOf } from '../kit.ts'
import { type Checks, refused } from './check.ts'
import { registerStatement } from './statement-vectors.ts'

const authority = createAttestationAuthority()
const attestationKey = createKeyPair('ES256', randomBytes)
const credentialKey = createKeyPair('ES256', randomBytes)
const rsaKey = createKeyPair('RS256', randomBytes)
const { publicKey } = attestationKey
const leaf = authority.issue({ publicKey })
const past = { notBefore: new Date('2021-01-01'), notAfter: new Date('2022-01-01') }
const future = { notBefore: new Date('2100-01-01'), notAfter: new Date('2101-01-01') }
const upper = authority.issueAuthority({ name: 'Upper' })
const lower = upper.issueAuthority({ name: 'Lower' })
const lowerLeaf = lower.issue({ publicKey })
const expiredUpper = authority.issueAuthority({ name: 'Upper', ...past })

const having = (name: string | number, value: CborValue) => (map: CborMap) => new Map([...map, [name, value]])
const without = (name: string) => (map: CborMap) => new Map([...map].filter(([key]) => key !== name))
const anchored: AttestationPolicy = { trustAnchors: [authority.certificate] }

/** A full packed attestation by `attestationKey`. */
function full(certificates: Uint8Array[], create: Partial<CreateInput> = {}, policy = anchored) {
  const input = { attestation: 'packed-x5c', signingKey: attestationKey, certificates, ...create } as const
  return register({ create: input, policy })
}

async function trusted(certificates: Uint8Array[], policy?: AttestationPolicy) {
  const { credential } = await full(certificates, {}, policy)
  expect(credential.attestation).toEqual({ format: 'packed', type: 'basic', trusted: true })
}

const unknownFormat = refused('attestation_format_unsupported', () =>
  register({ create: { attestationObject: having('fmt', 'unknown') } }),
)

export const fullPacked: Checks = {
  'P-1': () => trusted([leaf]),
  'P-2': () => trusted([lowerLeaf, lower.certificate, upper.certificate]),
  'P-3': () => trusted([leaf], { trustAnchors: [leaf] }),
  // Every authority of the software authenticator carries a critical BasicConstraints.
  'P-4': () => trusted([leaf]),
  'F-1': unknownFormat,
  'F-2': refused('attestation_signature_invalid', () => full([leaf], { signature: flipped })),
  'F-3': async () => {
    await refused('attestation_signature_invalid', () => full([leaf], { statement: without('x5c') }))()
    const self = { create: { attestation: 'packed-self' }, policy: anchored } as const
    await refused('attestation_untrusted', () => register(self))()
  },
  'F-4': refused('attestation_statement_malformed', () => full([leaf], { statement: having('x5c', leaf) })),
  'F-5': refused('attestation_statement_malformed', () => full([])),
  'F-6': refused('attestation_certificate_expired', () => full([authority.issue({ publicKey, ...past })])),
  'F-7': refused('attestation_certificate_expired', () => full([authority.issue({ publicKey, ...future })])),
  'F-9': refused('attestation_chain_invalid', () =>
    full([lowerLeaf, upper.issueAuthority({ name: 'Lower' }).certificate]),
  ),
  'F-10': refused('attestation_chain_invalid', () => full([leaf, authority.certificate])),
  'F-11': refused('attestation_chain_invalid', () => full([lowerLeaf, upper.certificate, lower.certificate])),
  'F-12': refused('attestation_certificate_expired', () =>
    full([expiredUpper.issue({ publicKey }), expiredUpper.certificate]),
  ),
  'F-13': refused('attestation_signature_invalid', () =>
    full([authority.issue({ publicKey: credentialKey.publicKey })]),
  ),
  'F-14': refused('attestation_signature_invalid', () =>
    register({
      device: { keyPair: credentialKey },
      create: { attestation: 'packed-x5c', signingKey: credentialKey, certificates: [leaf] },
      policy: anchored,
    }),
  ),
}

const registersAs = (type: string, input: Parameters<typeof register>[0]) => async () => {
  const { credential } = await register(input)
  expect(credential.attestation).toMatchObject({ type, trusted: false })
}

export const selfPacked: Checks = {
  'P-1': registersAs('self', { device: { attestation: 'packed-self' } }),
  'F-1': refused('attestation_signature_invalid', () =>
    register({ create: { attestation: 'packed-self', signature: flipped } }),
  ),
  'F-3': unknownFormat,
}

export const none: Checks = {
  'P-1': registersAs('none', {}),
  'P-2': registersAs('self', { options: { attestation: 'none' }, device: { attestation: 'packed-self' } }),
  'F-1': refused('attestation_statement_malformed', () => register({ create: { statement: having('alg', -7) } })),
}

export const fidoU2f: Checks = {
  'P-1': async () => {
    const { credential } = await registerStatement(vectorOf('fido-u2f-es256'))
    expect(credential.attestation).toEqual({ format: 'fido-u2f', type: 'basic', trusted: true })
  },
  // Level 3 has no such rule, and its own vector breaks it: FIDO's rule is a choice of the policy.
  'F-1': refused('attestation_aaguid_mismatch', () =>
    registerStatement(vectorOf('fido-u2f-es256'), undefined, { u2fZeroAaguid: true }),
  ),
  'F-2': refused('attestation_signature_invalid', () =>
    registerStatement(vectorOf('fido-u2f-es256'), (statement) => {
      const signature = statement.get('sig')
      if (!(signature instanceof Uint8Array)) throw new TypeError('no sig')
      return having('sig', flipped(signature))(statement)
    }),
  ),
}

const registersRsa = (alg: number) => async () => {
  const create = { publicKey: having(3, alg) }
  const { credential } = await register({
    device: { algorithm: 'RS256', keyPair: rsaKey },
    create,
    ceremony: { algorithms: [alg] },
  })
  expect(credential.algorithm).toBe(alg)
}

const registersVector = (id: string, alg: number) => async () =>
  expect((await registerStatement(vectorOf(id))).credential.algorithm).toBe(alg)

export const algorithms: Checks = {
  'P-2': registersRsa(-37),
  'P-3': registersRsa(-38),
  'P-4': registersRsa(-39),
  'P-5': registersRsa(-257),
  'P-6': registersRsa(-258),
  'P-7': registersRsa(-259),
  'P-9': registersVector('packed-es256', -7),
  'P-10': registersVector('packed-es384', -35),
  'P-11': registersVector('packed-es512', -36),
  'P-12': registersVector('packed-eddsa', -8),
}
