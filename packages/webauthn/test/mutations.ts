import type { Ceremony, Credential } from '../src/index.ts'
import { concat, encodeCbor, type GetInput } from '../src/testing/index.ts'
import { inner, type Json, outer, text } from './kit.ts'
import type { Random } from './random.ts'

/** What a mutation may change: the answer, the bytes on the wire, what was asked, what was kept. */
export type Draft = {
  get: Partial<GetInput>
  json: (json: Json) => Json
  ceremony: Partial<Ceremony>
  credential: Partial<Credential>
}
export type Mutation = (draft: Draft, random: Random) => void

const bytesOf = (json: Json, name: string) => Uint8Array.from(Buffer.from(text(json.response[name]), 'base64url'))
const toText = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64url')

function turnBit(bytes: Uint8Array, random: Random): Uint8Array {
  const copy = Uint8Array.from(bytes)
  const index = random.below(copy.byteLength)
  copy[index] = (copy[index] ?? 0) ^ (1 << random.below(8))
  return copy
}

const onTheWire =
  (name: string, change: (bytes: Uint8Array, random: Random) => Uint8Array): Mutation =>
  (draft, random) => {
    draft.json = (json) => inner(name, toText(change(bytesOf(json, name), random)))(json)
  }
const clientData =
  (
    change: (clientData: Record<string, unknown>, random: Random) => ReturnType<NonNullable<GetInput['clientData']>>,
  ): Mutation =>
  (draft, random) => {
    draft.get.clientData = (original) => change(original, random)
  }

export const mutations: Record<string, Mutation> = {
  'signature bit': onTheWire('signature', turnBit),
  'signature cut': onTheWire('signature', (bytes, random) => bytes.subarray(0, random.below(bytes.byteLength))),
  'signature longer': onTheWire('signature', (bytes, random) => concat(bytes, random.bytes(1 + random.below(4)))),
  'signature random': onTheWire('signature', (_, random) => random.bytes(1 + random.below(80))),
  'authenticator data bit': onTheWire('authenticatorData', turnBit),
  'authenticator data cut': onTheWire('authenticatorData', (bytes, random) => bytes.subarray(0, random.below(37))),
  'client data bit': onTheWire('clientDataJSON', turnBit),
  'signed bytes after the authenticator data': ({ get }, random) => {
    get.extraBytes = random.bytes(1 + random.below(8))
  },
  'rp id': ({ get }, random) => {
    get.rpId = random.pick(['example.com', 'login.example.org', 'EXAMPLE.org', ''])
  },
  'user not present': ({ get }) => {
    get.flags = { userPresent: false }
  },
  'user not verified': ({ get, ceremony }, random) => {
    get.flags = { userVerified: false }
    ceremony.userVerification = random.pick(['required', 'preferred', 'discouraged'])
  },
  'backup flags': ({ get }, random) => {
    get.flags = { backupEligible: random.chance(0.5), backupState: random.chance(0.5) }
  },
  'attested data flag': ({ get }) => {
    get.flags = { attestedData: true }
  },
  'extension flag without data': ({ get }) => {
    get.flags = { extensionData: true }
  },
  'extension data': ({ get }, random) => {
    get.extensionData = encodeCbor(new Map([['example', random.chance(0.5)]]))
  },
  'extension data malformed': ({ get }, random) => {
    get.extensionData = random.bytes(1 + random.below(6))
  },
  counter: ({ get, credential }, random) => {
    get.counter = random.below(4)
    credential.signCount = random.below(4)
  },
  'other key': ({ credential }, random) => {
    credential.publicKey = random.bytes(77)
  },
  type: clientData((original, random) => ({
    ...original,
    type: random.pick(['webauthn.create', '', 'webauthn.GET', 7]),
  })),
  challenge: clientData((original, random) => ({ ...original, challenge: toText(random.bytes(32)) })),
  'challenge missing': clientData(({ challenge: _, ...rest }) => rest),
  origin: clientData((original, random) => ({
    ...original,
    origin: random.pick([
      'http://example.org',
      'https://example.org.',
      'https://example.org:443',
      'https://EXAMPLE.org',
      'https://sub.example.org',
      'https://example.org/',
      '',
      null,
    ]),
  })),
  'unknown member': clientData((original, random) => ({ ...original, [`x${random.below(99)}`]: random.below(99) })),
  'cross origin': clientData((original, random) => ({
    ...original,
    crossOrigin: random.pick([true, 'true', 1]),
    ...(random.chance(0.5) ? { topOrigin: 'https://example.com' } : {}),
  })),
  'top origin alone': clientData((original) => ({ ...original, topOrigin: 'https://example.com' })),
  'token binding': clientData((original, random) => ({
    ...original,
    tokenBinding: random.pick([{ status: 'supported' }, { status: 'perhaps' }, {}, 'text']),
  })),
  'byte order mark': clientData((original) => `\ufeff${JSON.stringify(original)}`),
  'duplicate key': clientData((original) => JSON.stringify(original).replace('{', '{"origin":"https://example.com",')),
  'not UTF-8': clientData((original) =>
    concat(new TextEncoder().encode(`${JSON.stringify(original).slice(0, -1)},"x":"`), Uint8Array.of(0xff, 0x22, 0x7d)),
  ),
  'not JSON': clientData((original, random) => JSON.stringify(original).slice(random.below(20) + 1)),
  'credential id': (draft, random) => {
    const id = toText(random.bytes(16))
    draft.json = (json) => outer('rawId', id)(outer('id', id)(json))
  },
  'raw id alone': (draft, random) => {
    const id = toText(random.bytes(16))
    draft.json = (json) => outer('rawId', id)(json)
  },
  'user handle': ({ get }, random) => {
    get.userHandle = random.pick([null, toText(random.bytes(15))])
  },
  'credential of another user': ({ credential }, random) => {
    credential.userHandle = toText(random.bytes(15))
  },
  'algorithm not offered': ({ ceremony }) => {
    ceremony.algorithms = [-36]
  },
}
