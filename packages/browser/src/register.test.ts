import { describe, expect, it } from 'vitest'
import { register } from './register.ts'
import { attestation, browserDouble } from './testing/browser-double.ts'

const publicKey = {
  challenge: 'AAEC',
  rp: { id: 'example.com', name: 'Example' },
  user: { id: 'BwcH', name: 'ada@example.com', displayName: 'Ada' },
  pubKeyCredParams: [{ type: 'public-key' as const, alg: -7 }],
  excludeCredentials: [{ id: 'AQID', type: 'public-key' }],
  attestation: 'none',
}
const settle = () => new Promise((resolve) => setTimeout(resolve, 5))

async function refusedWith(name: string, conditional = false) {
  const { environment, calls } = browserDouble()
  const result = register({ publicKey, environment, conditional })
  await settle()
  calls[0]?.refuse(name)
  return await result
}

describe('Creating a passkey', () => {
  it('returns the response as JSON where the browser has no conversions of its own', async () => {
    const { environment, calls } = browserDouble()
    const result = register({ publicKey, environment })
    await settle()
    expect(calls[0]?.options).toMatchObject({
      publicKey: {
        user: { id: Uint8Array.of(7, 7, 7), name: 'ada@example.com' },
        excludeCredentials: [{ id: Uint8Array.of(1, 2, 3) }],
        attestation: 'none',
      },
    })
    calls[0]?.answer(attestation)
    expect(await result).toEqual({
      ok: true,
      response: {
        id: 'AQID',
        rawId: 'AQID',
        type: 'public-key',
        clientExtensionResults: { credProps: { rk: true } },
        response: {
          clientDataJSON: 'BA',
          attestationObject: 'CA',
          authenticatorData: 'BQ',
          publicKeyAlgorithm: -7,
          transports: ['internal', 'hybrid'],
        },
      },
    })
  })

  it('says already_registered when the authenticator holds an excluded credential', async () => {
    expect(await refusedWith('InvalidStateError')).toMatchObject({ ok: false, code: 'already_registered' })
  })

  it('says authenticator_unsuitable when nothing here can meet the requirements', async () => {
    expect(await refusedWith('ConstraintError')).toMatchObject({ ok: false, code: 'authenticator_unsuitable' })
  })

  it('asks without a dialog when conditional, and calls the refusal not_allowed rather than cancelled', async () => {
    const { environment, calls } = browserDouble()
    const result = register({ publicKey, environment, conditional: true })
    await settle()
    expect(calls[0]?.options).toMatchObject({ mediation: 'conditional' })
    calls[0]?.refuse('NotAllowedError')
    expect(await result).toMatchObject({ ok: false, code: 'not_allowed' })
    expect(await refusedWith('NotAllowedError')).toMatchObject({ code: 'cancelled' })
  })

  it('treats an answer that is not an attestation as no answer', async () => {
    const { environment, calls } = browserDouble()
    const result = register({ publicKey, environment })
    await settle()
    calls[0]?.answer(null)
    expect(await result).toEqual({ ok: false, code: 'cancelled' })
  })
})
