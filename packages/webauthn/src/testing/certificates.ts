import { type KeyObject, randomBytes } from 'node:crypto'
import { bits, boolean, der, integer, objectIdentifier, octets, sequence, set, text, time } from './der.ts'
import { createKeyPair, type KeyPair, type Randomness, signWith } from './keys.ts'

export type CertificateInput = {
  publicKey: KeyObject
  /** Object identifier and value, in order. */
  subject?: readonly (readonly [type: string, value: string])[]
  notBefore?: Date
  notAfter?: Date
  authority?: boolean
  /** Version as people say it. Default: 3. */
  version?: number
  extensions?: readonly { id: string; value: Uint8Array; critical?: boolean }[]
}

export type AuthorityInput = {
  name?: string
  notBefore?: Date
  notAfter?: Date
  randomness?: Randomness
}

/** Issues attestation certificates. Give `certificate` to `trustAnchors`. */
export type AttestationAuthority = {
  /** DER */
  certificate: Uint8Array
  /** Issues a certificate (DER). */
  issue(input: CertificateInput): Uint8Array
  /** Issues an authority below this one. */
  issueAuthority(input?: AuthorityInput): AttestationAuthority
}

type Name = readonly (readonly [type: string, value: string])[]

const ecdsaWithSha256 = sequence(objectIdentifier('1.2.840.10045.4.3.2'))
const always = { notBefore: new Date('2020-01-01T00:00:00Z'), notAfter: new Date('2120-01-01T00:00:00Z') }

/** The subject that WebAuthn §8.2.1 wants of a packed attestation certificate. */
export const attestationSubject: Name = [
  ['2.5.4.6', 'AA'],
  ['2.5.4.10', 'Latchkey'],
  ['2.5.4.11', 'Authenticator Attestation'],
  ['2.5.4.3', 'Software authenticator'],
]

/**
 * An authority of its own, for tests of attestation policies.
 *
 * @example
 * const authority = createAttestationAuthority()
 * const authenticator = createAuthenticator({ attestation: 'packed-x5c', authority })
 * await verifyRegistration({ response, ceremony, attestation: { trustAnchors: [authority.certificate] } })
 */
export function createAttestationAuthority(input: AuthorityInput = {}): AttestationAuthority {
  return createAuthority(input)
}

type Issuer = { name: Name; key: KeyPair }

function createAuthority(input: AuthorityInput, parent?: Issuer): AttestationAuthority {
  const randomness = input.randomness ?? randomBytes
  const key = createKeyPair('ES256', randomness)
  const name: Name = [['2.5.4.3', input.name ?? 'Software authenticator root']]
  const self = { name, key }
  const { notBefore = always.notBefore, notAfter = always.notAfter } = input
  const own = { publicKey: key.publicKey, subject: name, notBefore, notAfter, authority: true }
  return {
    certificate: writeCertificate(own, parent ?? self, randomness),
    issue: (certificate) => writeCertificate(certificate, self, randomness),
    issueAuthority: (below = {}) =>
      createAuthority({ name: 'Software authenticator issuer', randomness, ...below }, self),
  }
}

function writeCertificate(input: CertificateInput, issuer: Issuer, randomness: Randomness): Uint8Array {
  const { version = 3, subject = attestationSubject, notBefore = always.notBefore, notAfter = always.notAfter } = input
  const constraints = input.authority ? sequence(boolean(true)) : sequence()
  const extensions = [{ id: '2.5.29.19', critical: true, value: constraints }, ...(input.extensions ?? [])]
  const tbs = sequence(
    ...(version === 1 ? [] : [der(0xa0, integer(version - 1))]),
    integer(randomness(16)),
    ecdsaWithSha256,
    writeName(issuer.name),
    sequence(time(notBefore), time(notAfter)),
    writeName(subject),
    Uint8Array.from(input.publicKey.export({ format: 'der', type: 'spki' })),
    ...(version === 3 ? [der(0xa3, sequence(...extensions.map(writeExtension)))] : []),
  )
  return sequence(tbs, ecdsaWithSha256, bits(signWith(issuer.key, tbs)))
}

export function writeName(name: Name): Uint8Array {
  return sequence(...name.map(([type, value]) => set(sequence(objectIdentifier(type), text(value)))))
}

function writeExtension({ id, value, critical }: { id: string; value: Uint8Array; critical?: boolean }): Uint8Array {
  return sequence(objectIdentifier(id), ...(critical ? [boolean(true)] : []), octets(value))
}
