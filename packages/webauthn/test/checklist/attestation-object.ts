import type { CborMap, CborValue } from '../../src/cbor.ts'
import { encodeCbor } from '../../src/testing/index.ts'
import { authenticate, register } from '../kit.ts'
import { accepted, type Checks, refused } from './check.ts'

const without = (name: string) => (map: CborMap) => new Map([...map].filter(([key]) => key !== name))
const having = (name: string, value: CborValue) => (map: CborMap) => new Map([...map, [name, value]])
const object = (edit: (map: CborMap) => CborMap | Uint8Array) => () => register({ create: { attestationObject: edit } })
const packed = (edit: (map: CborMap) => CborMap) => () =>
  register({ create: { attestation: 'packed-x5c', statement: edit } })
const extensionData = encodeCbor(new Map([['example.extension', true]]))

export const attestationObject: Checks = {
  'P-1': accepted(() => register({ create: { extensionData } })),
  'F-1': refused(
    'attestation_object_malformed',
    object(() => encodeCbor(['not', 'a', 'map'])),
  ),
  'F-2': refused('attestation_object_malformed', object(without('fmt'))),
  'F-3': refused('attestation_object_malformed', object(having('fmt', 7))),
  'F-4': refused('attestation_object_malformed', object(without('attStmt'))),
  'F-5': refused('attestation_object_malformed', object(having('attStmt', 'text'))),
  'F-6': refused('attestation_object_malformed', object(without('authData'))),
  'F-7': refused('attestation_object_malformed', object(having('authData', 'text'))),
  'F-8': refused('authenticator_data_malformed', object(having('authData', new Uint8Array()))),
  'F-9': refused('authenticator_data_malformed', () => register({ create: { flags: { attestedData: false } } })),
  'F-10': refused('attested_data_missing', () =>
    register({ create: { flags: { attestedData: false }, authenticatorData: (bytes) => bytes.slice(0, 37) } }),
  ),
  'F-11': refused('authenticator_data_malformed', () =>
    register({ create: { authenticatorData: (bytes) => bytes.slice(0, 37) } }),
  ),
  'F-12': refused('authenticator_data_malformed', () => register({ create: { extraBytes: new Uint8Array(8) } })),
  'F-13': refused(
    'attestation_statement_malformed',
    packed(() => new Map()),
  ),
  'F-14': refused('attestation_statement_malformed', packed(without('alg'))),
  'F-15': refused('attestation_statement_malformed', packed(having('alg', 'ES256'))),
  'F-17': refused('attestation_statement_malformed', packed(without('sig'))),
  'F-18': refused('attestation_statement_malformed', packed(having('sig', 'text'))),
  'F-19': refused('attestation_statement_malformed', packed(having('sig', new Uint8Array()))),
}

export const assertion: Checks = {
  'P-1': async () => {
    await accepted(() => authenticate({ credential: { signCount: 0 }, get: { counter: 0 } }))()
  },
  'P-2': accepted(() => authenticate({ ceremony: { userVerification: 'required' } })),
  'P-3': accepted(() => authenticate({ device: { userVerified: false } })),
  'P-4': accepted(() => authenticate()),
  'P-5': accepted(() =>
    authenticate({ device: { userVerified: false }, ceremony: { userVerification: 'discouraged' } }),
  ),
  'P-6': accepted(() => authenticate({ ceremony: { userVerification: 'discouraged' } })),
  'P-7': accepted(() => authenticate({ get: { extensionData } })),
  'F-1': refused('authenticator_data_malformed', () => authenticate({ get: { extraBytes: new Uint8Array(8) } })),
  'F-2': refused('rp_id_mismatch', () => authenticate({ get: { rpId: 'example.com' } })),
  // A member added after signing leaves the client data acceptable; only the signature can tell.
  'F-3': refused('signature_invalid', () =>
    authenticate({
      json: (json) => {
        const clientData = JSON.parse(Buffer.from(String(json.response.clientDataJSON), 'base64url').toString())
        const changed = Buffer.from(JSON.stringify({ ...clientData, added: true })).toString('base64url')
        return { ...json, response: { ...json.response, clientDataJSON: changed } }
      },
    }),
  ),
  'F-4': refused('counter_regressed', () =>
    authenticate({ credential: { signCount: 8 }, get: { counter: 8 }, counter: 'refuse' }),
  ),
  'F-5': refused('user_not_verified', () =>
    authenticate({ device: { userVerified: false }, ceremony: { userVerification: 'required' } }),
  ),
}
