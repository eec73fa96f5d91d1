import { isIP } from 'node:net'
import { withAddress } from '../../access/index.ts'
import { isLoopbackHost } from '../../config.ts'
import { findOrgByHost } from '../../records/orgs/index.ts'
import { type Check, type Finding, fail, ok, type Patient, warn, wordsOf } from './finding.ts'

const patienceMs = 5_000
const skewWorthTelling = 30_000
const skewThatBreaksTokens = 120_000

/** Asks the server at its own public address, as a browser or client would. */
const ask = (patient: Patient, path: string) =>
  fetch(`${patient.config.url}${path}`, { redirect: 'manual', signal: AbortSignal.timeout(patienceMs) })

async function checkAddress(patient: Patient): Promise<Finding> {
  const { url } = patient.config
  try {
    const response = await ask(patient, '/health/live')
    if (response.status === 200) return ok(`${url} answers`)
    return fail(
      `${url}/health/live answers ${response.status}`,
      'Something else listens there, or a proxy does not pass the request on.',
    )
  } catch (failure) {
    return fail(
      `${url} does not answer: ${wordsOf(failure)}`,
      'Start the server; check DNS, the proxy and its certificate.',
    )
  }
}

/** Tokens carry times: a clock that is minutes off makes them invalid at once, or valid for too long. */
async function checkClock(patient: Patient): Promise<Finding> {
  const { hostname } = new URL(patient.config.url)
  const before = Date.now()
  const response = await ask(patient, '/health/live').catch(() => undefined)
  const date = Date.parse(response?.headers.get('date') ?? '')
  if (Number.isNaN(date)) return warn('nothing to compare with', 'The server has to answer at its address first.')
  // The header has whole seconds, and says when the answer was written.
  const skew = Math.max(0, Math.abs(date - (before + Date.now()) / 2) - 1_000)
  if (isLoopbackHost(hostname)) return ok('the server runs on this machine, so that there is no other clock to compare')
  const found = `this machine and the server's address differ by ${Math.round(skew / 1_000)} s`
  if (skew > skewThatBreaksTokens) return fail(found, 'Set the clock: timedatectl set-ntp true')
  return skew > skewWorthTelling ? warn(found, 'Set the clock: timedatectl set-ntp true') : ok(found)
}

async function checkRpId({ config, ground }: Patient): Promise<Finding> {
  const { host, hostname } = new URL(config.url)
  const org = ground && (await findOrgByHost(ground.db, host))
  const rpId = org ? withAddress(org, config).rpId : hostname
  if (isIP(rpId.replace(/^\[|\]$/g, '')) !== 0)
    return fail(`${rpId} is an address`, 'Browsers make passkeys for names only. Set LATCHKEY_URL to a host name.')
  if (hostname !== rpId && !hostname.endsWith(`.${rpId}`))
    return fail(
      `${rpId} is neither ${hostname} nor above it`,
      "Set the org's rpId to the host or to its parent domain.",
    )
  if (!rpId.includes('.') && rpId !== 'localhost')
    return fail(`${rpId} is a top-level name`, "Set the org's rpId to a domain that is yours.")
  if (rpId === hostname) return ok(`${rpId}, the host itself`)
  return ok(`${rpId}, above ${hostname}; it must be a domain that is yours alone`)
}

/** Behind a proxy that we do not know of, every request seems to come from it: limits by address then stop everyone. */
async function checkProxies({ config }: Patient): Promise<Finding | readonly Finding[]> {
  if (config.mode === 'dev') return []
  if (config.trustedProxies.length > 0) return ok(`trusted: ${config.trustedProxies.join(', ')}`)
  if (!config.url.startsWith('https:')) return ok('none')
  return warn(
    'the address is https, so something in front ends TLS, but no proxy is trusted',
    'Set LATCHKEY_TRUSTED_PROXIES to its address, so that limits count people and not the proxy.',
  )
}

type Document = { path: string; isRight(patient: Patient, body: unknown): boolean; isOptional?: boolean }

const member = (body: unknown, name: string): unknown =>
  typeof body === 'object' && body !== null ? Reflect.get(body, name) : undefined

const documents: readonly Document[] = [
  {
    path: '/.well-known/openid-configuration',
    isRight: ({ config }, body) => member(body, 'issuer') === config.url,
  },
  {
    path: '/oauth2/default/.well-known/openid-configuration',
    isRight: ({ config }, body) => member(body, 'issuer') === `${config.url}/oauth2/default`,
  },
  {
    path: '/.well-known/passkey-endpoints',
    isRight: ({ config }, body) => member(body, 'manage') === `${config.url}/account`,
  },
  {
    path: '/.well-known/webauthn',
    isRight: (_patient, body) => Array.isArray(member(body, 'origins')),
    isOptional: true,
  },
]

async function checkDocuments(patient: Patient): Promise<readonly Finding[]> {
  return await Promise.all(documents.map((document) => checkDocument(patient, document)))
}

async function checkDocument(patient: Patient, { path, isRight, isOptional }: Document): Promise<Finding> {
  const response = await ask(patient, path).catch(() => undefined)
  if (!response) return fail(`${path} cannot be fetched`, 'See the address.')
  if (isOptional && response.status === 404) return ok(`${path} is absent, since the org has no related origins`)
  const body: unknown = await response.json().catch(() => undefined)
  if (response.status === 200 && isRight(patient, body)) return ok(path)
  const what = response.status === 200 ? 'says something else than expected' : `answers ${response.status}`
  return fail(
    `${path} ${what}`,
    `Pass /.well-known/ on to Latchkey unchanged, and set LATCHKEY_URL to what people use.`,
  )
}

export const addressChecks: readonly Check[] = [
  { name: 'address', run: checkAddress },
  { name: 'clock', run: checkClock },
  { name: 'rp id', run: checkRpId },
  { name: 'proxies', run: checkProxies },
  { name: 'well-known', run: checkDocuments },
]
