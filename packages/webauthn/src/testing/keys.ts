import { createECDH, createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import type { CborMap } from '../cbor.ts'
import { concat } from './cbor.ts'

export type KeyAlgorithm = 'ES256' | 'EdDSA' | 'RS256'
export type Randomness = (length: number) => Uint8Array

export type KeyPair = { algorithm: KeyAlgorithm; privateKey: KeyObject; publicKey: KeyObject }

export const coseAlgorithms: Readonly<Record<KeyAlgorithm, number>> = { ES256: -7, EdDSA: -8, RS256: -257 }

/** Makes a key pair; with the same randomness the same one, except for RSA. */
export function createKeyPair(algorithm: KeyAlgorithm, randomness: Randomness): KeyPair {
  const privateKey = createPrivate[algorithm](randomness)
  return { algorithm, privateKey, publicKey: createPublicKey(privateKey) }
}

const createPrivate: Readonly<Record<KeyAlgorithm, (randomness: Randomness) => KeyObject>> = {
  ES256(randomness) {
    const curve = createECDH('prime256v1')
    // Out of range once in 2^32 at worst; the next bytes will do.
    for (let tries = 0; ; tries += 1) {
      try {
        curve.setPrivateKey(randomness(32))
        break
      } catch (error) {
        if (tries > 8) throw error
      }
    }
    const point = curve.getPublicKey()
    const [x, y, d] = [point.subarray(1, 33), point.subarray(33), pad(curve.getPrivateKey(), 32)]
    const key = { kty: 'EC', crv: 'P-256', x: toText(x), y: toText(y), d: toText(d) }
    return createPrivateKey({ key, format: 'jwk' })
  },
  EdDSA(randomness) {
    // PKCS #8 of an Ed25519 key: everything before the seed is fixed.
    const prefix = Buffer.from('302e020100300506032b657004220420', 'hex')
    return createPrivateKey({ key: Buffer.concat([prefix, randomness(32)]), format: 'der', type: 'pkcs8' })
  },
  RS256() {
    return generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey
  },
}

/** The COSE_Key of a public key, in canonical order. */
export function toCose({ algorithm, publicKey }: KeyPair): CborMap {
  const jwk = publicKey.export({ format: 'jwk' })
  const bytes = (text = '') => Uint8Array.from(Buffer.from(text, 'base64url'))
  const alg = coseAlgorithms[algorithm]
  if (algorithm === 'RS256')
    return new Map<number, number | Uint8Array>([
      [1, 3],
      [3, alg],
      [-1, bytes(jwk.n)],
      [-2, bytes(jwk.e)],
    ])
  if (algorithm === 'EdDSA')
    return new Map<number, number | Uint8Array>([
      [1, 1],
      [3, alg],
      [-1, 6],
      [-2, bytes(jwk.x)],
    ])
  return new Map<number, number | Uint8Array>([
    [1, 2],
    [3, alg],
    [-1, 1],
    [-2, bytes(jwk.x)],
    [-3, bytes(jwk.y)],
  ])
}

export function signWith({ algorithm, privateKey }: KeyPair, data: Uint8Array): Uint8Array {
  return Uint8Array.from(sign(algorithm === 'EdDSA' ? null : 'sha256', data, privateKey))
}

function pad(bytes: Uint8Array, length: number): Uint8Array {
  return concat(new Uint8Array(length - bytes.byteLength), bytes)
}

function toText(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64url')
}
