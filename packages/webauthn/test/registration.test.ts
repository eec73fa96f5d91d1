import { randomBytes } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { verifyRegistration } from '../src/index.ts'
import { der, sequence } from '../src/testing/der.ts'
import { createAttestationAuthority, createAuthenticator, createKeyPair, encodeCbor } from '../src/testing/index.ts'
import { ceremonyFor, expectRefusal, origin, outer, register, registrationOptions, rpId, userHandle } from './kit.ts'

describe('WebAuthn §7.1 Registering a new credential', () => {
  for (const algorithm of ['ES256', 'EdDSA', 'RS256'] as const) {
    it(`makes a credential record of ${algorithm}`, async () => {
      const { credential, userPresent, userVerified, certificates } = await register({ device: { algorithm } })
      expect({ userPresent, userVerified, certificates }).toEqual({
        userPresent: true,
        userVerified: true,
        certificates: [],
      })
      expect(credential).toMatchObject({
        rpId,
        userHandle,
        signCount: 0,
        backupEligible: true,
        backupState: true,
        uvInitialized: true,
        transports: ['internal'],
        aaguid: '6c617463-686b-6579-2d74-657374696e67',
        attachment: 'platform',
        discoverable: true,
        attestation: { format: 'none', type: 'none', trusted: false },
      })
    })
  }

  it('keeps the public key without keeping the response', async () => {
    const { credential } = await register()
    expect(credential.publicKey.buffer.byteLength).toBe(credential.publicKey.byteLength)
  })

  it('leaves out what the browser does not say', async () => {
    const create = { clientExtensionResults: {} }
    const { credential } = await register({ create, json: outer('authenticatorAttachment', 'unknown') })
    expect(credential).not.toHaveProperty('discoverable')
    expect(credential).not.toHaveProperty('attachment')
  })

  it('accepts a credential id of 1023 bytes', async () => {
    const { credential } = await register({ create: { credentialId: new Uint8Array(1023).fill(7) } })
    expect(Buffer.from(credential.id, 'base64url').byteLength).toBe(1023)
  })

  it('refuses a response whose id is not the one that the authenticator made', async () => {
    await expectRefusal(register({ json: (json) => ({ ...json, id: 'AAAA', rawId: 'AAAA' }) }), 'credential_mismatch')
  })

  it('needs to be told the user', async () => {
    const options = registrationOptions()
    const response = createAuthenticator().create(options, { origin })
    const { userHandle: _, ...ceremony } = ceremonyFor(options)
    await expect(verifyRegistration({ response, ceremony })).rejects.toThrow('ceremony.userHandle is missing')
  })

  it('returns the outputs of extensions that were asked for', async () => {
    const extensionData = encodeCbor(new Map([['credProtect', 2]]))
    const { extensions } = await register({ create: { extensionData }, ceremony: { extensions: ['credProtect'] } })
    expect(extensions).toEqual({ client: {}, authenticator: { credProtect: 2 } })
  })
})

describe('Conditional create', () => {
  const absent = { flags: { userPresent: false, userVerified: false } }

  it('is accepted without presence and verification, and remembers that nobody was verified', async () => {
    const { credential, userPresent } = await register({ create: absent, ceremony: { conditional: true } })
    expect(userPresent).toBe(false)
    expect(credential.uvInitialized).toBe(false)
    const ceremony = { conditional: true, userVerification: 'required' } as const
    await expect(register({ create: absent, ceremony })).resolves.toMatchObject({ userVerified: false })
  })

  it('is the only ceremony that may lack them', async () => {
    await expectRefusal(register({ create: absent }), 'user_not_present')
    await expectRefusal(register({ create: absent, ceremony: { conditional: false } }), 'user_not_present')
  })
})

describe('Attestation policy', () => {
  const authority = createAttestationAuthority()
  const other = createAttestationAuthority()
  const device = { attestation: 'packed-x5c', authority } as const
  const trustAnchors = [authority.certificate]

  it('trusts what leads to an anchor, and hands out the certificates', async () => {
    const { credential, certificates } = await register({ device, policy: { trustAnchors } })
    expect(credential.attestation).toEqual({ format: 'packed', type: 'basic', trusted: true })
    expect(certificates).toHaveLength(1)
  })

  it('takes anchors as PEM, and from a look-up by format and AAGUID', async () => {
    const pem = `-----BEGIN CERTIFICATE-----\n${Buffer.from(authority.certificate).toString('base64')}\n-----END CERTIFICATE-----\n`
    await expect(register({ device, policy: { trustAnchors: [pem] } })).resolves.toMatchObject({})
    const asked: unknown[] = []
    const lookup = (about: unknown) => {
      asked.push(about)
      return trustAnchors
    }
    await register({ device, policy: { trustAnchors: lookup } })
    expect(asked).toEqual([{ format: 'packed', aaguid: '6c617463-686b-6579-2d74-657374696e67' }])
  })

  it('refuses strangers, or says why they are not trusted when trust is not required', async () => {
    const policy = { trustAnchors: [other.certificate] }
    await expectRefusal(register({ device, policy }), 'attestation_untrusted')
    const { credential } = await register({ device, policy: { ...policy, required: false } })
    expect(credential.attestation).toMatchObject({ trusted: false, untrustedBecause: 'attestation_untrusted' })
  })

  it('keeps the anchors of calls that run at the same time apart', async () => {
    const attempts = Array.from({ length: 20 }, (_, index) =>
      register({
        device,
        policy: { trustAnchors: [index % 2 ? authority.certificate : other.certificate], required: false },
      }),
    )
    const trusted = (await Promise.all(attempts)).map(({ credential }) => credential.attestation.trusted)
    expect(trusted).toEqual(Array.from({ length: 20 }, (_, index) => index % 2 === 1))
  })

  it('judges certificates at the time that it is given', async () => {
    await expect(register({ device, policy: { trustAnchors }, now: new Date('2119-01-01') })).resolves.toMatchObject({})
    const late = register({ device, policy: { trustAnchors }, now: new Date('2121-01-01') })
    await expectRefusal(late, 'attestation_certificate_expired')
    const early = register({ device, policy: { trustAnchors }, now: new Date('2019-01-01') })
    await expectRefusal(early, 'attestation_certificate_expired')
  })

  it('refuses the certificate of an authority as that of an authenticator', async () => {
    const key = createKeyPair('ES256', randomBytes)
    const certificates = [authority.issue({ publicKey: key.publicKey, authority: true })]
    const create = { attestation: 'packed-x5c', signingKey: key, certificates } as const
    await expectRefusal(register({ create, policy: { trustAnchors } }), 'attestation_certificate_invalid')
  })

  it('refuses a leaf that acts as an authority', async () => {
    const key = createKeyPair('ES256', randomBytes)
    const middle = createKeyPair('ES256', randomBytes)
    const subject = [['2.5.4.3', 'Software authenticator root']] as const
    const certificates = [
      authority.issue({ publicKey: key.publicKey }),
      authority.issue({ publicKey: middle.publicKey, subject }),
    ]
    const create = { attestation: 'packed-x5c', signingKey: key, certificates } as const
    await expectRefusal(register({ create, policy: { trustAnchors } }), 'attestation_chain_invalid')
  })

  it('opens no connection, whatever a certificate asks for', async () => {
    const asked: unknown[] = []
    const original = globalThis.fetch
    globalThis.fetch = async (input) => {
      asked.push(input)
      return new Response()
    }
    const key = createKeyPair('ES256', randomBytes)
    const extensions = [{ id: '2.5.29.31', value: revocationListAt('http://127.0.0.1:9/crl') }]
    const certificates = [authority.issue({ publicKey: key.publicKey, extensions })]
    try {
      await register({
        create: { attestation: 'packed-x5c', signingKey: key, certificates },
        policy: { trustAnchors },
      })
    } finally {
      globalThis.fetch = original
    }
    expect(asked).toEqual([])
  })
})

/** CRLDistributionPoints with one address. */
function revocationListAt(address: string): Uint8Array {
  const name = der(0x86, new TextEncoder().encode(address))
  return sequence(sequence(der(0xa0, der(0xa0, name))))
}
