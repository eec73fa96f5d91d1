/** A TPM in software: statements over real structures, signed by a real attestation key. */
import { generateKeyPairSync, hash, type KeyObject, sign } from 'node:crypto'
import type { CborMap } from '../src/cbor.ts'
import { uint16, uint32 } from '../src/testing/cbor.ts'
import { writeName } from '../src/testing/certificates.ts'
import { der, objectIdentifier, sequence } from '../src/testing/der.ts'
import { type AttestationAuthority, concat } from '../src/testing/index.ts'

const sized = (bytes: Uint8Array) => concat(uint16(bytes.byteLength), bytes)
const nameAlgorithms = { sha1: 0x0004, sha256: 0x000b }

const tpmNames: readonly (readonly [string, string])[] = [
  ['2.23.133.2.1', 'id:53544D20'],
  ['2.23.133.2.2', 'Software TPM'],
  ['2.23.133.2.3', 'id:00010002'],
]

/** The extensions that WebAuthn §8.3.1 asks of an attestation certificate. */
export function tpmExtensions(names = tpmNames, usage = '2.23.133.8.3') {
  return [
    { id: '2.5.29.37', value: sequence(objectIdentifier(usage)) },
    { id: '2.5.29.17', critical: true, value: sequence(der(0xa4, writeName(names))) },
  ]
}

export function rsaPubArea(key: KeyObject): Uint8Array {
  const n = Buffer.from(key.export({ format: 'jwk' }).n ?? '', 'base64url')
  const head = concat(uint16(0x0001), uint16(0x000b), uint32(0x00060472), sized(new Uint8Array(32)))
  return concat(head, uint16(0x0010), uint16(0x0010), uint16(n.byteLength * 8), uint32(0), sized(n))
}

export type TpmInput = {
  authority: AttestationAuthority
  /** authData and client data hash. */
  signed: Uint8Array
  pubArea: Uint8Array
  hashName?: 'sha1' | 'sha256'
  extensions?: ReturnType<typeof tpmExtensions>
}

/** A statement by an RSA attestation key: RS256, or RS1 as older TPMs sign. */
export function tpmStatement({ authority, signed, pubArea, hashName = 'sha256', extensions }: TpmInput): CborMap {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const name = concat(uint16(nameAlgorithms[hashName]), hash(hashName, pubArea, 'buffer'))
  const certInfo = concat(
    uint32(0xff544347),
    uint16(0x8017),
    sized(new Uint8Array(34)),
    sized(hash(hashName, signed, 'buffer')),
    new Uint8Array(25),
    sized(name),
    sized(new Uint8Array(34)),
  )
  const certificate = authority.issue({ publicKey, subject: [], extensions: extensions ?? tpmExtensions() })
  const statement: CborMap = new Map()
  statement.set('alg', hashName === 'sha1' ? -65535 : -257)
  statement.set('sig', Uint8Array.from(sign(hashName, certInfo, privateKey)))
  statement.set('ver', '2.0')
  statement.set('x5c', [certificate])
  statement.set('pubArea', pubArea)
  return statement.set('certInfo', certInfo)
}
