import { describe, expect, it } from 'vitest'
import { authenticate } from './authenticate.ts'
import { assertion, browserDouble } from './testing/browser-double.ts'

const publicKey = { challenge: 'AAEC', rpId: 'example.com', timeout: 300_000, userVerification: 'preferred' }
const settle = () => new Promise((resolve) => setTimeout(resolve, 5))

async function refusedWith(name: string, over: Parameters<typeof browserDouble>[1] = {}, options = publicKey) {
  const { environment, calls } = browserDouble({}, over)
  const result = authenticate({ publicKey: options, environment })
  await settle()
  calls[0]?.refuse(name)
  return await result
}

describe('Asking for a passkey', () => {
  it('returns the response as JSON where the browser has no conversions of its own', async () => {
    const { environment, calls } = browserDouble()
    const result = authenticate({
      publicKey: {
        ...publicKey,
        allowCredentials: [{ id: '-_8', type: 'public-key', transports: ['usb', 'carrier-pigeon'] }],
      },
      environment,
    })
    await settle()
    const asked = calls[0]?.options.publicKey
    expect(asked?.challenge).toEqual(Uint8Array.of(0, 1, 2))
    expect(asked).toMatchObject({ allowCredentials: [{ id: Uint8Array.of(251, 255), transports: ['usb'] }] })
    calls[0]?.answer(assertion)
    expect(await result).toEqual({
      ok: true,
      response: {
        id: 'AQID',
        rawId: 'AQID',
        type: 'public-key',
        authenticatorAttachment: 'platform',
        clientExtensionResults: {},
        response: { clientDataJSON: 'BA', authenticatorData: 'Bf_-', signature: 'Bg', userHandle: 'Bw' },
      },
    })
  })

  it('prefers the conversions of the browser', async () => {
    const read = { challenge: Uint8Array.of(9) }
    const { environment, calls } = browserDouble({ parseRequestOptionsFromJSON: () => read })
    const result = authenticate({ publicKey, environment })
    await settle()
    expect(calls[0]?.options.publicKey).toBe(read)
    const json = { id: 'x', response: { signature: 'native' } }
    calls[0]?.answer({ ...assertion, toJSON: () => json })
    expect(await result).toEqual({ ok: true, response: json })
  })

  it('converts by itself when the toJSON of an extension throws', async () => {
    const { environment, calls } = browserDouble()
    const result = authenticate({ publicKey, environment })
    await settle()
    calls[0]?.answer({
      ...assertion,
      toJSON: () => {
        throw new TypeError('Illegal invocation')
      },
    })
    expect(await result).toMatchObject({ ok: true, response: { id: 'AQID' } })
  })

  it.each([
    ['NotAllowedError', 'cancelled'],
    ['AbortError', 'aborted'],
    ['TimeoutError', 'timed_out'],
    ['ConstraintError', 'authenticator_unsuitable'],
    ['NotSupportedError', 'unsupported'],
    ['OperationError', 'busy'],
    ['InvalidStateError', 'unknown'],
    ['SecurityError', 'security_error'],
    ['SomethingNewError', 'unknown'],
  ])('turns %s into %s', async (name, code) => {
    expect(await refusedWith(name)).toMatchObject({ ok: false, code })
  })

  it('says that the RP ID is wrong when it does not cover the host', async () => {
    const options = { ...publicKey, rpId: 'ample.com' }
    expect(await refusedWith('SecurityError', {}, options)).toMatchObject({ code: 'rp_id_invalid' })
  })

  it('says not_allowed when the page did not have the focus', async () => {
    expect(await refusedWith('NotAllowedError', { hasFocus: () => false })).toMatchObject({ code: 'not_allowed' })
  })

  it('tells a dialog that ran out of time from one that was closed', async () => {
    const { environment, calls, clock } = browserDouble()
    const result = authenticate({ publicKey, environment })
    await settle()
    clock.now += publicKey.timeout
    calls[0]?.refuse('NotAllowedError')
    expect(await result).toMatchObject({ code: 'timed_out' })
  })

  it('says options_invalid for a challenge that is not base64url', async () => {
    const { environment, calls } = browserDouble()
    const result = await authenticate({ publicKey: { ...publicKey, challenge: '***' }, environment })
    expect(result).toMatchObject({ ok: false, code: 'options_invalid' })
    expect(calls).toHaveLength(0)
  })

  it('does not call a browser that is insecure or has no WebAuthn', async () => {
    const insecure = browserDouble({}, { isSecureContext: false })
    expect(await authenticate({ publicKey, environment: insecure.environment })).toEqual({
      ok: false,
      code: 'insecure_context',
    })
    const old = browserDouble({}, { publicKeyCredential: undefined })
    expect(await authenticate({ publicKey, environment: old.environment })).toEqual({ ok: false, code: 'unsupported' })
  })
})

describe('One ceremony at a time', () => {
  const autofill = (environment: ReturnType<typeof browserDouble>['environment'], signal?: AbortSignal) =>
    authenticate({ publicKey, mediation: 'conditional', environment, ...(signal && { signal }) })

  it('ends autofill before a dialog opens and arms it again when the dialog was cancelled', async () => {
    const { environment, calls } = browserDouble()
    const waiting = autofill(environment)
    const dialog = authenticate({ publicKey, environment })
    await settle()
    expect(calls.map((call) => call.options.mediation)).toEqual(['conditional', undefined])
    expect(calls[0]?.options.signal?.aborted).toBe(true)
    calls[1]?.refuse('NotAllowedError')
    expect(await dialog).toMatchObject({ code: 'cancelled' })
    await settle()
    expect(calls).toHaveLength(3)
    calls[2]?.answer(assertion)
    expect(await waiting).toMatchObject({ ok: true })
  })

  it('does not arm autofill again after a dialog that succeeded', async () => {
    const { environment, calls } = browserDouble()
    const waiting = autofill(environment)
    const dialog = authenticate({ publicKey, environment })
    await settle()
    calls[1]?.answer(assertion)
    expect(await dialog).toMatchObject({ ok: true })
    expect(await waiting).toEqual({ ok: false, code: 'aborted' })
    await settle()
    expect(calls).toHaveLength(2)
  })

  it('refuses a second dialog as busy and leaves the first alone', async () => {
    const { environment, calls } = browserDouble()
    const first = authenticate({ publicKey, environment })
    expect(await authenticate({ publicKey, environment })).toEqual({ ok: false, code: 'busy' })
    calls[0]?.answer(assertion)
    expect(await first).toMatchObject({ ok: true })
  })

  it('holds an autofill that is armed under an open dialog until the dialog has closed', async () => {
    const { environment, calls } = browserDouble()
    const dialog = authenticate({ publicKey, environment })
    const waiting = autofill(environment)
    await settle()
    expect(calls).toHaveLength(1)
    calls[0]?.refuse('NotAllowedError')
    await dialog
    await settle()
    calls[1]?.answer(assertion)
    expect(await waiting).toMatchObject({ ok: true })
  })

  it('lets a newer autofill replace the older one', async () => {
    const { environment } = browserDouble()
    const older = autofill(environment)
    const controller = new AbortController()
    const newer = autofill(environment, controller.signal)
    expect(await older).toEqual({ ok: false, code: 'aborted' })
    controller.abort()
    expect(await newer).toEqual({ ok: false, code: 'aborted' })
  })
})
