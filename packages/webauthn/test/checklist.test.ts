import { describe, expect, it } from 'vitest'
import { assertion, attestationObject } from './checklist/attestation-object.ts'
import type { Checks } from './checklist/check.ts'
import { authenticationClientData, registrationClientData } from './checklist/client-data.ts'
import { creationOptions, requestOptions } from './checklist/options.ts'
import { androidKey, androidSafetyNet, tpm } from './checklist/platforms.ts'
import { authenticationShape, registrationShape } from './checklist/shape.ts'
import { algorithms, fidoU2f, fullPacked, none, selfPacked } from './checklist/statements.ts'
import { checklist, skipped, vectors } from './kit.ts'

const attestation = 'Server-ServerAuthenticatorAttestationResponse-Resp'
const assertionSuite = 'Server-ServerAuthenticatorAssertionResponse-Resp'

const suites: Record<string, Checks> = {
  'Server-ServerPublicKeyCredentialCreationOptions-Req-1': creationOptions,
  [`${attestation}-1`]: registrationShape,
  [`${attestation}-2`]: registrationClientData,
  [`${attestation}-3`]: attestationObject,
  [`${attestation}-4`]: algorithms,
  [`${attestation}-5`]: fullPacked,
  [`${attestation}-6`]: selfPacked,
  [`${attestation}-7`]: none,
  [`${attestation}-8`]: fidoU2f,
  [`${attestation}-9`]: tpm,
  [`${attestation}-A`]: androidKey,
  [`${attestation}-B`]: androidSafetyNet,
  'Server-ServerPublicKeyCredentialGetOptionsResponse-Req-1': requestOptions,
  [`${assertionSuite}-1`]: authenticationShape,
  [`${assertionSuite}-2`]: authenticationClientData,
  [`${assertionSuite}-3`]: assertion,
}

const metadata = 'metadata statements are the caller’s: this package has no metadata service'
const notApplicable: Record<string, string> = {
  [`${attestation}-3 / F-16`]: metadata,
  [`${attestation}-4 / P-1`]: 'optional, and the tool sends nothing: secp256k1 is not offered',
  [`${attestation}-4 / P-8`]: 'SHA-1 credential keys are never offered; the tool sends ES256 (see P-9)',
  [`${attestation}-5 / P-5`]: metadata,
  [`${attestation}-5 / F-8`]: metadata,
  [`${attestation}-6 / F-2`]: metadata,
  'Server-MDS3 / P-1': metadata,
  'Server-MDS3 / F-1': metadata,
  'Server-MDS3 / F-2': metadata,
  'Server-MDS3 / F-3': metadata,
  'Server-MDS3 / F-4': metadata,
  'Server-MDS3 / F-5': metadata,
}

const cases = (checklist?.suites ?? []).flatMap(({ id, tests }) =>
  tests.map((test) => ({ ...test, key: `${id} / ${test.id}`, check: suites[id]?.[test.id] })),
)

describe.skipIf(!checklist || !vectors)(`FIDO server checklist ${checklist ? '' : skipped}`, () => {
  it('has each of its cases in the table or in the list of those that do not apply', () => {
    const open = cases.filter(({ key, check }) => !check && !notApplicable[key])
    expect(open.map(({ key }) => key)).toEqual([])
    const both = cases.filter(({ key, check }) => check && notApplicable[key])
    expect(both.map(({ key }) => key)).toEqual([])
    const known = new Set(cases.map(({ key }) => key))
    const tabled = Object.entries(suites).flatMap(([id, checks]) =>
      Object.keys(checks).map((test) => `${id} / ${test}`),
    )
    expect([...tabled, ...Object.keys(notApplicable)].filter((key) => !known.has(key))).toEqual([])
    expect(cases.length).toBeGreaterThan(150)
  })

  for (const { key, case: title, check } of cases) {
    if (check) it(`${key}: ${title}`, check)
  }
})
