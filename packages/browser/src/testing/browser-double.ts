import type { BrowserEnvironment, CredentialsApi, PublicKeyCredentialStatics } from '../environment.ts'

/** A call that the stand-in for the browser received and has not answered. */
export type PendingCall = {
  readonly kind: 'get' | 'create'
  readonly options: CredentialRequestOptions & CredentialCreationOptions
  readonly answer: (credential: unknown) => void
  readonly refuse: (name: string) => void
}

/** A stand-in for the browser, for tests in plain Node: it refuses a second call while one is open, as browsers do. */
export function browserDouble(statics: PublicKeyCredentialStatics = {}, over: Partial<BrowserEnvironment> = {}) {
  const calls: PendingCall[] = []
  const clock = { now: 1_000 }
  let open = 0
  const call = (kind: PendingCall['kind']) => (options: CredentialRequestOptions & CredentialCreationOptions) => {
    if (open > 0) return Promise.reject(new DOMException('A request is already pending.', 'OperationError'))
    open += 1
    const { promise, resolve, reject } = Promise.withResolvers<unknown>()
    const refuse = (name: string) => reject(new DOMException('refused', name))
    options.signal?.addEventListener('abort', () => setTimeout(() => refuse('AbortError'), 1))
    calls.push({ kind, options, answer: resolve, refuse })
    return promise.finally(() => {
      open -= 1
    })
  }
  const credentials: CredentialsApi = { get: call('get'), create: call('create') }
  const environment: BrowserEnvironment = {
    credentials,
    publicKeyCredential: statics,
    isSecureContext: true,
    hostname: 'login.example.com',
    hasFocus: () => true,
    now: () => clock.now,
    ...over,
  }
  return { environment, calls, clock }
}

const bytes = (...values: number[]) => Uint8Array.from(values).buffer

/** What `get` resolves to in a browser without `toJSON`. */
export const assertion = {
  id: 'AQID',
  rawId: bytes(1, 2, 3),
  type: 'public-key',
  authenticatorAttachment: 'platform',
  getClientExtensionResults: () => ({}),
  response: {
    clientDataJSON: bytes(4),
    authenticatorData: bytes(5, 255, 254),
    signature: bytes(6),
    userHandle: bytes(7),
  },
}

/** What `create` resolves to in a browser without `toJSON`. */
export const attestation = {
  id: 'AQID',
  rawId: bytes(1, 2, 3),
  type: 'public-key',
  authenticatorAttachment: null,
  getClientExtensionResults: () => ({ credProps: { rk: true } }),
  response: {
    clientDataJSON: bytes(4),
    attestationObject: bytes(8),
    getAuthenticatorData: () => bytes(5),
    getPublicKeyAlgorithm: () => -7,
    getTransports: () => ['internal', 'hybrid'],
    getPublicKey: () => null,
  },
}
