import { type BrowserEnvironment, currentEnvironment, type PublicKeyCredentialStatics } from './environment.ts'

/** `unknown` is not `no`: a key that a browser does not report may still work. */
export type Support = 'yes' | 'no' | 'unknown'

const REPORTED = [
  'conditionalCreate',
  'conditionalGet',
  'hybridTransport',
  'immediateGet',
  'passkeyPlatformAuthenticator',
  'relatedOrigins',
  'userVerifyingPlatformAuthenticator',
] as const
const SIGNALS = ['signalAllAcceptedCredentials', 'signalCurrentUserDetails', 'signalUnknownCredential'] as const

/** What can be asked about; the names are those of `getClientCapabilities()`, and `webauthn` for the whole. */
export type Capability = 'webauthn' | (typeof REPORTED)[number] | (typeof SIGNALS)[number]
/** An answer for each capability; plain JSON, so that it can be sent along with a ceremony. */
export type Capabilities = Readonly<Record<Capability, Support>>

const answers = new WeakMap<object, Promise<Capabilities>>()

/** Says what this browser can do. Asked once per page. */
export function capabilities(environment: BrowserEnvironment = currentEnvironment()): Promise<Capabilities> {
  const { publicKeyCredential } = environment
  if (!publicKeyCredential || !environment.credentials || !environment.isSecureContext) {
    return Promise.resolve(answer(() => 'no'))
  }
  const known = answers.get(publicKeyCredential)
  if (known) return known
  const asked = ask(publicKeyCredential)
  answers.set(publicKeyCredential, asked)
  return asked
}

async function ask(api: PublicKeyCredentialStatics): Promise<Capabilities> {
  const reported = (await quietly(() => api.getClientCapabilities?.())) ?? {}
  const [conditionalGet, platform] = await Promise.all([
    reported.conditionalGet ?? quietly(() => api.isConditionalMediationAvailable?.()),
    reported.userVerifyingPlatformAuthenticator ?? quietly(() => api.isUserVerifyingPlatformAuthenticatorAvailable?.()),
  ])
  const asked: Record<string, boolean | undefined> = {
    ...reported,
    webauthn: true,
    conditionalGet,
    userVerifyingPlatformAuthenticator: platform,
  }
  for (const name of SIGNALS) asked[name] ??= typeof api[name] === 'function'
  return answer((name) => support(asked[name]))
}

const support = (value: boolean | undefined): Support => (value === undefined ? 'unknown' : value ? 'yes' : 'no')

function answer(of: (name: Capability) => Support): Capabilities {
  return {
    webauthn: of('webauthn'),
    conditionalCreate: of('conditionalCreate'),
    conditionalGet: of('conditionalGet'),
    hybridTransport: of('hybridTransport'),
    immediateGet: of('immediateGet'),
    passkeyPlatformAuthenticator: of('passkeyPlatformAuthenticator'),
    relatedOrigins: of('relatedOrigins'),
    userVerifyingPlatformAuthenticator: of('userVerifyingPlatformAuthenticator'),
    signalAllAcceptedCredentials: of('signalAllAcceptedCredentials'),
    signalCurrentUserDetails: of('signalCurrentUserDetails'),
    signalUnknownCredential: of('signalUnknownCredential'),
  }
}

async function quietly<T>(ask: () => Promise<T> | undefined): Promise<T | undefined> {
  try {
    return await ask()
  } catch {
    return undefined
  }
}
