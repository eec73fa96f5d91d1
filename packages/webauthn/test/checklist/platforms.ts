import { randomBytes } from 'node:crypto'
import { expect } from 'vitest'
import { sha256 } from '../../src/bytes.ts'
import type { CborMap, CborValue } from '../../src/cbor.ts'
import { concat, createAttestationAuthority, createKeyPair } from '../../src/testing/index.ts'
import { inner, register, registerVector, text, vectorAnchors, vectorOf } from '../kit.ts'
import { rsaPubArea, type TpmInput, tpmStatement } from '../tpm.ts'
import { type Checks, refused } from './check.ts'
import { registerStatement, turned } from './statement-vectors.ts'

const authority = createAttestationAuthority()
const upper = authority.issueAuthority({ name: 'Upper' })
const lower = upper.issueAuthority({ name: 'Lower' })
const keyPair = createKeyPair('RS256', randomBytes)
const having = (name: string, value: CborValue) => (map: CborMap) => new Map([...map, [name, value]])

/** Registers an RSA credential with a statement of a software TPM. */
export async function registerTpm(input: Partial<TpmInput> = {}, change = (statement: CborMap) => statement) {
  let clientDataHash = new Uint8Array()
  return await register({
    device: { algorithm: 'RS256', keyPair },
    policy: { trustAnchors: [authority.certificate] },
    create: {
      clientData(clientData) {
        const bytes = new TextEncoder().encode(JSON.stringify(clientData))
        clientDataHash = Uint8Array.from(sha256(bytes))
        return bytes
      },
      attestationObject(object) {
        const authData = object.get('authData')
        if (!(authData instanceof Uint8Array)) throw new TypeError('no authData')
        const signed = concat(authData, clientDataHash)
        const pubArea = rsaPubArea(keyPair.publicKey)
        const statement = tpmStatement({ authority, signed, pubArea, ...input })
        return having('attStmt', change(statement))(having('fmt', 'tpm')(object))
      },
    },
  })
}

const wrongOrder = (map: CborMap) => {
  const chain = map.get('x5c')
  const leaf = Array.isArray(chain) ? chain.slice(0, 1) : []
  return having('x5c', [...leaf, upper.certificate, lower.certificate])(map)
}
const isTrusted = async (attempt: ReturnType<typeof registerTpm>) =>
  expect((await attempt).credential.attestation).toMatchObject({ trusted: true })

export const tpm: Checks = {
  'P-1': () => isTrusted(registerTpm()),
  'P-2': () => isTrusted(registerTpm({ hashName: 'sha1' })),
  'P-4': () => isTrusted(registerStatement(vectorOf('tpm-es256'))),
  'F-1': refused('attestation_chain_invalid', () => registerTpm({ authority: lower }, wrongOrder)),
  // certInfo: magic (4), type (2), signer (2 and more), then extraData behind its length.
  'F-2': refused('attestation_challenge_mismatch', () => registerTpm({}, turned('certInfo', 4 + 2 + 2 + 34 + 2))),
  'F-3': refused('attestation_statement_malformed', () =>
    registerStatement(vectorOf('tpm-es256'), turned('certInfo', 0)),
  ),
  'F-4': refused('attestation_key_mismatch', () => registerTpm({}, turned('pubArea', -2))),
}

const android = 'android-key-es256'

export const androidKey: Checks = {
  'P-1': async () => {
    await isTrusted(registerStatement(vectorOf(android)))
    const withRoot = (statement: CborMap) => {
      const chain = statement.get('x5c')
      return having('x5c', [...(Array.isArray(chain) ? chain : []), ...vectorAnchors()])(statement)
    }
    await isTrusted(registerStatement(vectorOf(android), withRoot))
  },
  'F-1': refused('attestation_challenge_mismatch', () =>
    registerVector(vectorOf(android), (json) => {
      const clientData = Buffer.from(text(json.response.clientDataJSON), 'base64url').toString()
      const changed = Buffer.from(clientData.replace(/}$/, ',"added":true}')).toString('base64url')
      return inner('clientDataJSON', changed)(json)
    }),
  ),
  'F-2': refused('attestation_key_mismatch', () =>
    registerStatement(vectorOf(android), having('x5c', [authority.issue({ publicKey: keyPair.publicKey })])),
  ),
  'F-3': refused('attestation_chain_invalid', () => registerStatement(vectorOf(android), wrongOrder)),
}

const safetyNet = refused('attestation_format_unsupported', () =>
  register({ create: { attestationObject: having('fmt', 'android-safetynet') } }),
)

/** Google turned SafetyNet off: the format is refused, whatever is inside. */
export const androidSafetyNet: Checks = Object.fromEntries(
  ['P-1', 'F-1', 'F-2', 'F-3', 'F-4', 'F-5', 'F-6', 'F-7'].map((id) => [id, safetyNet]),
)
