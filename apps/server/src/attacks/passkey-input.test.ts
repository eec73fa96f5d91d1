import { concat, encodeCbor } from '@latchkey/webauthn/testing'
import { expect, test } from 'vitest'
import { describeEachHouse } from '../testing/each-database.ts'
import {
  type Answer,
  addPasskeyInBrowser,
  type Browser,
  signInByCode,
  snapshot,
  type TestOrg,
} from '../testing/index.ts'

type Json = Record<string, unknown>
type Response = Json & { response: Json }
/** Breaks one part of a response that is right otherwise. */
type Mutation = readonly [what: string, mutate: (response: Response) => unknown]

const encode = (bytes: Uint8Array | string) => Buffer.from(bytes).toString('base64url')
const decode = (text: unknown) => Buffer.from(String(text), 'base64url')
const within = (response: Response, changes: Json): Response => ({
  ...response,
  response: { ...response.response, ...changes },
})
const clientData = (response: Response): Json => JSON.parse(decode(response.response.clientDataJSON).toString())
const withClientData = (response: Response, bytes: Uint8Array | string) =>
  within(response, { clientDataJSON: encode(bytes) })

const deepArrays = (levels: number) => concat(new Uint8Array(levels).fill(0x81), Uint8Array.of(0x00))
const deepMaps = (levels: number) =>
  concat(...Array.from({ length: levels }, () => Uint8Array.of(0xa1, 0x00)), Uint8Array.of(0x00))

/** Base64url that is none, for each member that holds bytes. */
const notBase64url: readonly (readonly [string, unknown])[] = [
  ['absent', undefined],
  ['null', null],
  ['a number', 12],
  ['a list', ['AA']],
  ['an object', { length: 3 }],
  ['empty', ''],
  ['with padding', 'AAA='],
  ['in the other alphabet', '+/+/'],
  ['with a space', 'AA AA'],
  ['with a line break', 'AAAA\n'],
  ['of an impossible length', 'AAAAA'],
  ['with bits to spare', 'AB'],
  ['not ASCII', '🦹'],
  ['10 KB', 'A'.repeat(10_000)],
]

const ofBoth: readonly Mutation[] = [
  ['nothing', () => undefined],
  ['null', () => null],
  ['a string', () => 'response'],
  ['a list', () => []],
  ['an empty object', () => ({})],
  ['without the inner response', ({ response: _, ...rest }) => rest],
  ['with another type', (response) => ({ ...response, type: 'password' })],
  ['with an id that is not its raw id', (response) => ({ ...response, rawId: encode('another') })],
  ...['id', 'rawId'].flatMap((name) =>
    notBase64url
      // Libraries that leave out one of the two are understood.
      .filter(([what]) => `${name} ${what}` !== 'rawId absent')
      .map(([what, value]): Mutation => [`${name} ${what}`, (response) => ({ ...response, [name]: value })]),
  ),
  ...notBase64url.map(
    ([what, value]): Mutation => [`clientDataJSON ${what}`, (response) => within(response, { clientDataJSON: value })],
  ),
  ...(
    [
      ['is no JSON', () => 'hello'],
      ['is cut off', (data) => JSON.stringify(data).slice(0, -3)],
      ['is a list', (data) => JSON.stringify([data])],
      ['is null', () => 'null'],
      ['is nested deeply', () => `${'['.repeat(10_000)}${']'.repeat(10_000)}`],
      ['has text behind it', (data) => `${JSON.stringify(data)}{}`],
      ['is not UTF-8', () => Uint8Array.of(0x7b, 0xff, 0x7d)],
      ['is UTF-16', (data) => Buffer.from(JSON.stringify(data), 'utf16le')],
      ['has a list for its challenge', (data) => JSON.stringify({ ...data, challenge: [data.challenge] })],
      ['has a number for its origin', (data) => JSON.stringify({ ...data, origin: 1 })],
      ['has no type', ({ type: _, ...data }) => JSON.stringify(data)],
      ['has crossOrigin as text', (data) => JSON.stringify({ ...data, crossOrigin: 'true' })],
      ['has a prototype', (data) => `{"__proto__":${JSON.stringify(data)}}`],
    ] satisfies [string, (data: Json) => Uint8Array | string][]
  ).map(
    ([what, make]): Mutation => [
      `clientDataJSON ${what}`,
      (response) => withClientData(response, make(clientData(response))),
    ],
  ),
]

const ofAssertions: readonly Mutation[] = [
  ...['authenticatorData', 'signature'].flatMap((name) =>
    notBase64url.map(
      ([what, value]): Mutation => [`${name} ${what}`, (response) => within(response, { [name]: value })],
    ),
  ),
  [
    'authenticatorData cut off',
    (response) =>
      within(response, { authenticatorData: encode(decode(response.response.authenticatorData).subarray(0, 36)) }),
  ],
  [
    'authenticatorData with bytes behind it',
    (response) =>
      within(response, {
        authenticatorData: encode(concat(decode(response.response.authenticatorData), Uint8Array.of(1))),
      }),
  ],
  [
    'authenticatorData with extensions nested deeply',
    (response) => {
      const data = decode(response.response.authenticatorData)
      data[32] = (data[32] ?? 0) | 0x80
      return within(response, { authenticatorData: encode(concat(data, deepMaps(5_000))) })
    },
  ],
  ['a signature that is not DER', (response) => within(response, { signature: encode('not a signature at all') })],
  [
    'a signature of nothing but a length',
    (response) => within(response, { signature: encode(Uint8Array.of(0x30, 0x84, 0xff, 0xff, 0xff, 0xff)) }),
  ],
  ['a user handle as a list', (response) => within(response, { userHandle: ['AA'] })],
  ['a user handle of 10 KB', (response) => within(response, { userHandle: 'A'.repeat(10_000) })],
]

const attestation = (response: Response, bytes: Uint8Array) => within(response, { attestationObject: encode(bytes) })

const ofAttestations: readonly Mutation[] = [
  ...notBase64url.map(
    ([what, value]): Mutation => [
      `attestationObject ${what}`,
      (response) => within(response, { attestationObject: value }),
    ],
  ),
  ['CBOR that is a number', (response) => attestation(response, Uint8Array.of(0x01))],
  ['CBOR cut off', (response) => attestation(response, decode(response.response.attestationObject).subarray(0, 40))],
  [
    'CBOR with bytes behind it',
    (response) => attestation(response, concat(decode(response.response.attestationObject), Uint8Array.of(0))),
  ],
  ['CBOR lists nested deeply', (response) => attestation(response, deepArrays(20_000))],
  ['CBOR maps nested deeply', (response) => attestation(response, deepMaps(15_000))],
  ['CBOR tags nested deeply', (response) => attestation(response, new Uint8Array(20_000).fill(0xc1))],
  ['CBOR list of four billion', (response) => attestation(response, Uint8Array.of(0x9a, 0xff, 0xff, 0xff, 0xff))],
  [
    'CBOR text longer than memory',
    (response) => attestation(response, Uint8Array.of(0x7b, 0x00, 0x1f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff)),
  ],
  ['CBOR bytes longer than a number', (response) => attestation(response, new Uint8Array(9).fill(0xff).with(0, 0x5b))],
  ['CBOR of no fixed length', (response) => attestation(response, Uint8Array.of(0xbf, 0x63, 0x66, 0x6d, 0x74))],
  ['CBOR with a reserved length', (response) => attestation(response, Uint8Array.of(0xbc))],
  ['CBOR with text that is not UTF-8', (response) => attestation(response, Uint8Array.of(0xa1, 0x61, 0xff, 0x00))],
  [
    'CBOR with a member twice',
    (response) => attestation(response, Uint8Array.of(0xa2, 0x61, 0x61, 0x00, 0x61, 0x61, 0x01)),
  ],
  ...[
    [
      'without a format',
      new Map<string, unknown>([
        ['attStmt', new Map()],
        ['authData', new Uint8Array(37)],
      ]),
    ],
    [
      'of an unknown format',
      new Map<string, unknown>([
        ['fmt', 'made-up'],
        ['attStmt', new Map()],
        ['authData', new Uint8Array(200)],
      ]),
    ],
    [
      'with text for data',
      new Map<string, unknown>([
        ['fmt', 'none'],
        ['attStmt', new Map()],
        ['authData', 'x'],
      ]),
    ],
    [
      'with data cut off',
      new Map<string, unknown>([
        ['fmt', 'none'],
        ['attStmt', new Map()],
        ['authData', new Uint8Array(20)],
      ]),
    ],
    [
      'with a list for its statement',
      new Map<string, unknown>([
        ['fmt', 'packed'],
        ['attStmt', []],
        ['authData', new Uint8Array(200)],
      ]),
    ],
  ].map(
    ([what, map]): Mutation => [
      `an attestation ${String(what)}`,
      (response) => attestation(response, encodeCbor(map as never)),
    ],
  ),
  ['transports that are text', (response) => within(response, { transports: 'usb' })],
  [
    'a thousand transports',
    (response) => within(response, { transports: Array.from({ length: 1_000 }, (_, index) => `t${index}`) }),
  ],
  ['transports of 10 KB', (response) => within(response, { transports: ['x'.repeat(10_000)] })],
  ['transports that are numbers', (response) => within(response, { transports: [1] })],
]

/** What an attempt may write although it failed: it spends its challenge, and its refusal is recorded. */
const spent = ['event', 'event_sequence', 'attempt_limit', 'ceremony']

describeEachHouse('A passkey response that is malformed', (house) => {
  /** Sends each mutation as the answer to a ceremony of its own. */
  const tryAll = async (mutations: readonly Mutation[], ceremony: (mutation: Mutation) => Promise<Answer>) => {
    const before = await snapshot(house().ground.db, spent)
    const findings: string[] = []
    for (const mutation of mutations) {
      const { status, error } = await ceremony(mutation)
      const isRefused =
        status >= 400 &&
        status < 500 &&
        ['passkey_refused', 'passkey_not_recognised', 'input_invalid', 'invalid_request'].includes(error ?? '')
      if (!isRefused) findings.push(`${mutation[0]}: ${status} ${error}`)
    }
    expect(findings).toEqual([])
    expect(await snapshot(house().ground.db, spent)).toEqual(before)
  }

  const finishWith = async (
    browser: Browser,
    start: Json,
    make: (publicKey: never) => unknown,
    [, mutate]: Mutation,
  ) => {
    const { start: startUrl = '', finish = '' } = browser.at.page.script ?? {}
    const { ceremony, publicKey } = (await browser.json(startUrl, start)).json<{ ceremony: string; publicKey: never }>()
    return await browser.json(finish, { ceremony, response: mutate(make(publicKey) as Response) })
  }

  test('signs nobody in', { timeout: 60_000 }, async () => {
    const org = await house().newOrg()
    const { authenticator } = await org.person({ passkey: true })
    const browser = org.browser()
    await browser.open('/sign-in')
    await tryAll([...ofBoth, ...ofAssertions], (mutation) =>
      finishWith(
        browser,
        { mode: 'button' },
        (publicKey) => authenticator.get(publicKey, { origin: org.url }),
        mutation,
      ),
    )
  })

  const enrolling = async (org: TestOrg) => {
    const person = await org.person()
    const browser = org.browser()
    await browser.open('/sign-in')
    await signInByCode(org, browser, person.email)
    return { browser, authenticator: person.authenticator }
  }

  test('becomes no passkey when somebody signs in', { timeout: 60_000 }, async () => {
    const org = await house().newOrg()
    const { browser, authenticator } = await enrolling(org)
    await tryAll([...ofBoth, ...ofAttestations], (mutation) =>
      finishWith(browser, {}, (publicKey) => authenticator.create(publicKey, { origin: org.url }), mutation),
    )
  })

  test('becomes no passkey on the account page', { timeout: 60_000 }, async () => {
    const org = await house().newOrg()
    const { browser, authenticator } = await enrolling(org)
    await addPasskeyInBrowser(browser, authenticator)
    await browser.open('/account')
    await tryAll([...ofBoth, ...ofAttestations], (mutation) =>
      finishWith(
        browser,
        {},
        (publicKey) =>
          authenticator.create({ ...(publicKey as object), excludeCredentials: [] } as never, { origin: org.url }),
        mutation,
      ),
    )
  })
})
