import { constants, generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import type { CborMap, CborValue } from './cbor.ts'
import { cachedPublicKey, defaultAlgorithms, parsePublicKey, supportedAlgorithms, verifySignature } from './cose.ts'
import { CeremonyError } from './errors.ts'
import { encodeCbor } from './testing/index.ts'

const bytes = (text = '') => Uint8Array.from(Buffer.from(text, 'base64url'))
const map = (...entries: [number, CborValue][]): CborMap => new Map(entries)
const data = Buffer.from('what was signed')

function ec(namedCurve: string, alg: number, crv: number) {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve })
  const { x, y } = publicKey.export({ format: 'jwk' })
  return { privateKey, cose: map([1, 2], [3, alg], [-1, crv], [-2, bytes(x)], [-3, bytes(y)]) }
}
function okp(type: 'ed25519' | 'ed448', alg: number, crv: number) {
  const { privateKey, publicKey } = type === 'ed25519' ? generateKeyPairSync(type) : generateKeyPairSync(type)
  return { privateKey, cose: map([1, 1], [3, alg], [-1, crv], [-2, bytes(publicKey.export({ format: 'jwk' }).x)]) }
}
const rsaPair = generateKeyPairSync('rsa', { modulusLength: 2048 })
function rsa(alg: number) {
  const { n, e } = rsaPair.publicKey.export({ format: 'jwk' })
  return { privateKey: rsaPair.privateKey, cose: map([1, 3], [3, alg], [-1, bytes(n)], [-2, bytes(e)]) }
}
function mlDsa(type: 'ml-dsa-44' | 'ml-dsa-65' | 'ml-dsa-87', alg: number) {
  const { privateKey, publicKey } = generateKeyPairSync(type)
  const { pub } = publicKey.export({ format: 'jwk' })
  return { privateKey, cose: map([1, 7], [3, alg], [-1, bytes(typeof pub === 'string' ? pub : '')]) }
}

type Key = { privateKey: KeyObject; cose: CborMap }
const keys: Record<number, [make: () => Key, hash: string | null, pss?: true]> = {
  [-7]: [() => ec('P-256', -7, 1), 'sha256'],
  [-35]: [() => ec('P-384', -35, 2), 'sha384'],
  [-36]: [() => ec('P-521', -36, 3), 'sha512'],
  [-8]: [() => okp('ed25519', -8, 6), null],
  [-53]: [() => okp('ed448', -53, 7), null],
  [-257]: [() => rsa(-257), 'sha256'],
  [-258]: [() => rsa(-258), 'sha384'],
  [-259]: [() => rsa(-259), 'sha512'],
  [-37]: [() => rsa(-37), 'sha256', true],
  [-38]: [() => rsa(-38), 'sha384', true],
  [-39]: [() => rsa(-39), 'sha512', true],
  [-48]: [() => mlDsa('ml-dsa-44', -48), null],
  [-49]: [() => mlDsa('ml-dsa-65', -49), null],
  [-50]: [() => mlDsa('ml-dsa-87', -50), null],
}

function signAs(key: KeyObject, hash: string | null, pss?: true) {
  if (!pss) return sign(hash, data, key)
  return sign(hash, data, {
    key,
    padding: constants.RSA_PKCS1_PSS_PADDING,
    saltLength: constants.RSA_PSS_SALTLEN_DIGEST,
  })
}

function code(cose: CborValue) {
  try {
    parsePublicKey(cose)
    return 'accepted'
  } catch (error) {
    return error instanceof CeremonyError ? error.code : 'crash'
  }
}
const changed = (cose: CborMap, label: number, value: CborValue) => new Map([...cose, [label, value]])

describe('COSE keys', () => {
  for (const id of supportedAlgorithms) {
    it(`of algorithm ${id} verify what they signed and nothing else`, () => {
      const [make, hash, pss] = keys[id] ?? [() => ec('P-256', -7, 1), 'unknown']
      const { privateKey, cose } = make()
      const key = parsePublicKey(cose)
      const signature = signAs(privateKey, hash, pss)
      expect(verifySignature(key, data, signature)).toBe(true)
      expect(verifySignature(key, Buffer.from('something else'), signature)).toBe(false)
      expect(verifySignature(key, data, Buffer.alloc(signature.byteLength))).toBe(false)
    })
  }

  it('are offered when this runtime verifies them, the modern ones first', () => {
    expect(defaultAlgorithms.slice(0, 3)).toEqual([-8, -7, -257])
    expect(defaultAlgorithms.every((id) => supportedAlgorithms.includes(id))).toBe(true)
  })

  it('are refused off their curve, on another one, or with coordinates of another length', () => {
    const { cose } = ec('P-256', -7, 1)
    for (const wrong of [
      changed(cose, -2, new Uint8Array(32)),
      changed(cose, -2, new Uint8Array(31)),
      changed(cose, -3, true),
      changed(cose, -1, 2),
      changed(cose, 3, -35),
      changed(cose, 3, -257),
      changed(cose, 1, 3),
      changed(cose, 2, 'a member too many'),
      new Map([...cose].filter(([label]) => label !== -3)),
      changed(okp('ed25519', -8, 6).cose, -2, new Uint8Array(33)),
      changed(okp('ed25519', -8, 6).cose, -1, 7),
    ]) {
      expect(code(wrong)).toBe('public_key_malformed')
    }
  })

  it('of RSA are refused when they are weak, huge or odd', () => {
    const { cose } = rsa(-257)
    const modulus = (length: number, first = 0xff) => changed(cose, -1, new Uint8Array(length).fill(first, 0, 1))
    for (const wrong of [
      modulus(255),
      modulus(256, 0x7f),
      modulus(257, 0),
      modulus(1025),
      changed(cose, -1, 7),
      ...['01', '02', '', '0000010001', '010000000001', '00010001'].map((e) =>
        changed(cose, -2, Buffer.from(e, 'hex')),
      ),
    ]) {
      expect(code(wrong)).toBe('public_key_malformed')
    }
    expect(code(modulus(257, 1))).toBe('accepted')
  })

  it('are refused without an algorithm, or with one that nobody here can verify', () => {
    expect(code([])).toBe('public_key_malformed')
    expect(code(new Map())).toBe('public_key_malformed')
    expect(code(map([1, 2], [3, -65535]))).toBe('algorithm_unsupported')
  })

  it('are imported once', () => {
    const stored = encodeCbor(ec('P-256', -7, 1).cose)
    expect(cachedPublicKey(Uint8Array.from(stored)).key).toBe(cachedPublicKey(Uint8Array.from(stored)).key)
  })

  it('are forgotten when many others came after them', () => {
    const stored = encodeCbor(okp('ed25519', -8, 6).cose)
    const first = cachedPublicKey(stored)
    for (let count = 0; count < 2048; count += 1) {
      const x = Buffer.alloc(32)
      x.writeUInt32BE(count)
      cachedPublicKey(encodeCbor(map([1, 1], [3, -8], [-1, 6], [-2, Uint8Array.from(x)])))
    }
    expect(cachedPublicKey(stored)).not.toBe(first)
  })
})

describe('ECDSA signatures', () => {
  const { privateKey, cose } = ec('P-256', -7, 1)
  const key = parsePublicKey(cose)
  const signature = sign('sha256', data, privateKey)

  it('have one spelling: nothing before, after or inside is tolerated', () => {
    const r = signature.subarray(4, 4 + (signature[3] ?? 0))
    const s = signature.subarray(4 + r.byteLength + 2)
    const integer = (value: Uint8Array) => Buffer.from([0x02, value.byteLength, ...value])
    const written = (...parts: Uint8Array[]) => {
      const body = Buffer.concat(parts.map(integer))
      return Buffer.from([0x30, body.byteLength, ...body])
    }
    expect(verifySignature(key, data, written(r, s))).toBe(true)
    const order = Buffer.from('ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551', 'hex')
    for (const wrong of [
      written(Buffer.concat([Buffer.alloc(1), r]), s),
      written(r, Buffer.concat([Buffer.alloc(1), s])),
      written(Buffer.alloc(1), s),
      written(r, Buffer.alloc(1)),
      written(Buffer.concat([Buffer.alloc(1), order]), s),
      written(r, Buffer.concat([Buffer.alloc(1), order])),
      written(Buffer.from([0xff, ...r.subarray(1)]), s),
      Buffer.concat([signature, Buffer.alloc(1)]),
      signature.subarray(0, -1),
      sign('sha256', data, { key: privateKey, dsaEncoding: 'ieee-p1363' }),
      Buffer.alloc(0),
    ]) {
      expect(verifySignature(key, data, wrong)).toBe(false)
    }
  })
})
