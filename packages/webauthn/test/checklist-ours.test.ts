import { describe, expect, it } from 'vitest'
import type { CborMap, CborValue } from '../src/cbor.ts'
import { concat, encodeCbor } from '../src/testing/index.ts'
import { authenticate, checklist, expectRefusal, flipped, register, skipped } from './kit.ts'

const having = (name: string | number, value: CborValue) => (map: CborMap) => new Map([...map, [name, value]])
const key = (label: number, value: CborValue) => () =>
  expectRefusal(register({ create: { publicKey: having(label, value) } }), 'public_key_malformed')
const badObject = (bytes: Uint8Array) => () =>
  expectRefusal(register({ create: { attestationObject: () => bytes } }), 'attestation_object_malformed')
const clientData = (write: (json: string) => string | Uint8Array) =>
  authenticate({ get: { clientData: (original) => write(JSON.stringify(original)) } })
const accepted = async (attempt: Promise<object>) => expect(await attempt).toBeTypeOf('object')

const server = 'the server keeps credentials, ceremonies and accounts; its own tests prove this'
const elsewhere = 'src/cose.test.ts, ECDSA signatures'

const refusedOrigins = [
  'https://example.org:8443',
  'http://example.org',
  'https://login.example.org',
  'https://xn--exmple-cua.org',
  'https://example.org.',
  'https://Example.org',
  'https://example.org/',
  'https://example.org@evil.example',
  'null',
]

/** Each entry is proven here, or says where. */
const cases: Record<string, readonly (() => Promise<unknown>)[] | string> = {
  'credential id already registered to another user -> reject': server,
  'challenge replay (same challenge twice, incl. concurrently) -> exactly one success': server,
  'challenge of another session/user/flow (reg challenge used for auth) -> reject': [
    () => expectRefusal(authenticate({ get: { type: 'webauthn.create' } }), 'type_mismatch'),
    () => expectRefusal(authenticate({ get: { challenge: 'AAAAAAAAAAAAAAAAAAAAAA' } }), 'challenge_mismatch'),
  ],
  'expired challenge -> reject': server,
  'credential belongs to other user than userHandle -> reject': [
    () => expectRefusal(authenticate({ get: { userHandle: 'AAAA' } }), 'user_handle_mismatch'),
  ],
  'userHandle absent with empty allowCredentials -> reject': [
    () => expectRefusal(authenticate({ usernameless: true, get: { userHandle: null } }), 'user_handle_missing'),
  ],
  'allowCredentials given but response id not in list -> reject': [
    () => expectRefusal(authenticate({ ceremony: { allowCredentials: ['AAAA'] } }), 'credential_not_allowed'),
  ],
  'crossOrigin true without policy -> reject; topOrigin not allowed -> reject': [
    () => expectRefusal(authenticate({ get: { crossOrigin: true } }), 'cross_origin_not_allowed'),
    () =>
      expectRefusal(
        authenticate({
          get: { crossOrigin: true, topOrigin: 'https://evil.example' },
          ceremony: { topOrigins: ['https://example.com'] },
        }),
        'top_origin_not_allowed',
      ),
  ],
  'origin with port/scheme/subdomain/IDN/trailing-dot/case variants': refusedOrigins.map(
    (origin) => () => expectRefusal(authenticate({ get: { origin } }), 'origin_not_allowed'),
  ),
  'related origins: origin outside .well-known/webauthn -> reject': [
    () =>
      accepted(authenticate({ get: { origin: 'https://a.example' }, ceremony: { origins: ['https://a.example'] } })),
    () =>
      expectRefusal(
        authenticate({ get: { origin: 'https://b.example' }, ceremony: { origins: ['https://a.example'] } }),
        'origin_not_allowed',
      ),
  ],
  'BS=1 with BE=0 -> reject': [
    () =>
      expectRefusal(
        register({ create: { flags: { backupEligible: false, backupState: true } } }),
        'backup_state_invalid',
      ),
  ],
  'BE changed between registration and assertion -> reject': [
    () =>
      expectRefusal(
        authenticate({ get: { flags: { backupEligible: false, backupState: false } } }),
        'backup_eligibility_changed',
      ),
  ],
  'COSE alg not offered in pubKeyCredParams -> reject (CVE-2026-8830)': [
    () => expectRefusal(register({ ceremony: { algorithms: [-8, -257] } }), 'algorithm_not_allowed'),
    () => expectRefusal(authenticate({ ceremony: { algorithms: [-8, -257] } }), 'algorithm_not_allowed'),
  ],
  'EC point not on curve / x,y wrong length / RSA e=1 or n<2048 / OKP wrong length': [
    key(-2, new Uint8Array(32)),
    key(-2, new Uint8Array(33)),
    key(-3, new Uint8Array(31)),
  ],
  'non-canonical CBOR, duplicate map keys, indefinite length, trailing bytes, deep nesting, 1e6-element arrays': [
    badObject(Uint8Array.of(0xb8, 0x00)),
    badObject(Uint8Array.of(0xa2, 0x61, 0x61, 0x00, 0x61, 0x61, 0x00)),
    badObject(Uint8Array.of(0xbf, 0xff)),
    badObject(Uint8Array.of(0xa0, 0x00)),
    badObject(new Uint8Array(50_000).fill(0x81)),
    badObject(concat(Uint8Array.of(0x9a, 0x00, 0x0f, 0x42, 0x40), new Uint8Array(300_000))),
  ],
  'credential id > 1023 bytes -> reject; = 1023 -> accept': [
    () => accepted(register({ create: { credentialId: new Uint8Array(1023) } })),
    () => expectRefusal(register({ create: { credentialId: new Uint8Array(1024) } }), 'response_malformed'),
  ],
  'clientDataJSON with BOM, duplicate keys, unknown keys (must be tolerated), 1 MB padding': [
    () => accepted(clientData((json) => `\ufeff${json}`)),
    () => accepted(clientData((json) => json.replace(/}$/, ',"nested":{"type":1,"origin":[{"type":2}]}}'))),
    () =>
      expectRefusal(
        clientData((json) => json.replace('{', '{"type":"webauthn.get",')),
        'client_data_malformed',
      ),
    () =>
      expectRefusal(
        clientData((json) => json.replace('{', '{"\\u0074ype":"x",')),
        'client_data_malformed',
      ),
    () =>
      expectRefusal(
        clientData((json) => json + ' '.repeat(1_000_000)),
        'response_malformed',
      ),
  ],
  'signature malleability: ECDSA DER with extra zero, negative ints, r or s = 0 or >= n': elsewhere,
  'UP clear on assertion -> reject; UP clear on conditional create -> accept only there': [
    () => expectRefusal(authenticate({ get: { flags: { userPresent: false } } }), 'user_not_present'),
    () => expectRefusal(register({ create: { flags: { userPresent: false } } }), 'user_not_present'),
    () => accepted(register({ create: { flags: { userPresent: false } }, ceremony: { conditional: true } })),
  ],
  'disabled/deleted user or credential -> reject, generic error, same timing': server,
}

describe.skipIf(!checklist)(`Our own checklist ${checklist ? '' : skipped}`, () => {
  it('has each of its entries here', () => {
    expect(Object.keys(cases)).toEqual(checklist?.ours)
  })

  for (const [title, checks] of Object.entries(cases)) {
    if (typeof checks === 'string') continue
    it(title, async () => {
      expect.hasAssertions()
      for (const check of checks) await check()
    })
  }

  it('is not fooled by a signature over something else', async () => {
    const extensionData = encodeCbor(new Map())
    await expectRefusal(authenticate({ get: { extensionData, signature: flipped } }), 'signature_invalid')
  })
})
