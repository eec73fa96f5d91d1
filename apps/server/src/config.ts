import { accessSync, constants, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { isIP } from 'node:net'
import { dirname, join, resolve } from 'node:path'
import { z } from 'zod'
import { newSecret } from './platform/ids.ts'
import { parseSettings } from './platform/settings.ts'

type Environment = Record<string, string | undefined>

/** How the process runs: `dev` makes up what is missing, `start` refuses anything unsafe. */
export type Mode = 'dev' | 'start'

/** Every setting, parsed once and frozen; passed on by field. */
export type Config = Readonly<{
  mode: Mode
  /** The address that people and clients use for the default org, without a trailing slash. */
  url: string
  port: number
  bind: string
  dataDirectory: string
  /** A `postgres://` URL, or the path of the SQLite file. */
  database: string
  /** Newest first: the first encrypts, all decrypt. */
  secretKeys: readonly [string, ...string[]]
  blueprint: string | undefined
  trustedProxies: readonly string[]
  smtpUrl: string | undefined
  mailFrom: string
  logLevel: 'debug' | 'info' | 'warn' | 'error' | 'silent'
  demoPort: number
  metricsToken: string | undefined
}>

/** A setting that is missing, malformed or unsafe; the message says what to do. */
export class ConfigError extends Error {}

const portNumber = z.coerce.number().int().min(0).max(65_535)
const webAddress = z.url({ protocol: /^https?$/ }).transform((text, context) => {
  const url = new URL(text)
  if (url.pathname !== '/' || url.search || url.hash || url.username)
    context.addIssue({ code: 'custom', message: 'must be an origin such as https://id.example.com, without a path' })
  return url.origin
})
const proxies = z
  .string()
  .transform((text) => text.split(/[\s,]+/).filter(Boolean))
  .refine((list) => list.every(isAddressRange), 'must list addresses or ranges such as 10.0.0.0/8')
const smtpAddress = z.url({ protocol: /^smtps?$/, error: 'must be smtp://user:password@host:port, or smtps://' })

/** The settings by their names in the environment, with what the reference says about each. */
export const settingsSchema = z.strictObject({
  PORT: portNumber.default(8080).describe('The port to listen on. 0 lets the system choose.'),
  LATCHKEY_BIND: z.string().optional().describe('The address to listen on; loopback in development, all otherwise.'),
  LATCHKEY_URL: webAddress.optional().describe('The public address of the default org, an origin.'),
  LATCHKEY_DATA: z.string().min(1).default('./data').describe('The folder for the database file and keys.'),
  LATCHKEY_DATABASE: z.string().min(1).optional().describe('A postgres:// URL, or the path of a SQLite file.'),
  LATCHKEY_SECRET_KEY: z
    .string()
    .optional()
    .describe('At least 32 characters; several, newest first, separated by spaces. Encrypts secrets at rest.'),
  LATCHKEY_BLUEPRINT: z.string().min(1).optional().describe('A blueprint file, applied at every start.'),
  LATCHKEY_TRUSTED_PROXIES: proxies.default([]).describe('Addresses or CIDR ranges whose X-Forwarded-* count.'),
  LATCHKEY_SMTP_URL: smtpAddress.optional().describe('Where mail is handed over: smtp://user:password@host:port.'),
  LATCHKEY_MAIL_FROM: z.string().default('Latchkey <no-reply@localhost>').describe('The sender of all mail.'),
  LATCHKEY_LOG_LEVEL: z
    .enum(['debug', 'info', 'warn', 'error', 'silent'])
    .optional()
    .describe('What is logged: from warn on in development, where the terminal is for people; from info on otherwise.'),
  LATCHKEY_DEMO_PORT: portNumber.default(8081).describe('The port of the demo app in development.'),
  LATCHKEY_METRICS_TOKEN: z.string().min(16).optional().describe('The bearer token that may read /metrics.'),
})

/**
 * Reads the settings of this process.
 *
 * @param asked how the process runs; a command beside a server leaves it out, and the mode is that of the server that
 * keeps its data there: development when the secret key is the one that development made
 * @throws {ConfigError} naming the setting and what to do
 */
export function readConfig(asked: Mode | undefined, environment: Environment = process.env): Config {
  const settings = parseSettings(settingsSchema, environment, (message) => new ConfigError(message))
  const dataDirectory = resolve(settings.LATCHKEY_DATA)
  const mode = asked ?? modeOfData(dataDirectory, settings.LATCHKEY_SECRET_KEY)
  const url = settings.LATCHKEY_URL ?? defaultUrl(mode, settings.PORT)
  refusePlainHttp(mode, url)
  const database = settings.LATCHKEY_DATABASE ?? join(dataDirectory, 'latchkey.sqlite')
  const secretKeys = readSecretKeys(mode, settings.LATCHKEY_SECRET_KEY, dataDirectory)
  if (!database.includes('://')) refuseUnwritable(dirname(resolve(database)))
  return Object.freeze({
    mode,
    url,
    port: settings.PORT,
    bind: settings.LATCHKEY_BIND ?? (mode === 'dev' ? 'localhost' : '::'),
    dataDirectory,
    database,
    secretKeys,
    blueprint: settings.LATCHKEY_BLUEPRINT,
    trustedProxies: settings.LATCHKEY_TRUSTED_PROXIES,
    smtpUrl: settings.LATCHKEY_SMTP_URL,
    mailFrom: settings.LATCHKEY_MAIL_FROM,
    logLevel: settings.LATCHKEY_LOG_LEVEL ?? (mode === 'dev' ? 'warn' : 'info'),
    demoPort: settings.LATCHKEY_DEMO_PORT,
    metricsToken: settings.LATCHKEY_METRICS_TOKEN,
  })
}

function modeOfData(dataDirectory: string, secretKey: string | undefined): Mode {
  return secretKey === undefined && existsSync(developmentSecretPath(dataDirectory)) ? 'dev' : 'start'
}

/** A folder that cannot be written shows itself at the start, not at the first sign-in. */
function refuseUnwritable(folder: string): void {
  try {
    makeFolder(folder)
    accessSync(folder, constants.W_OK | constants.X_OK)
  } catch (failure) {
    const code = failure instanceof Error && 'code' in failure ? ` (${failure.code})` : ''
    throw new ConfigError(
      `The data folder ${folder} cannot be written${code}. ` +
        'Give it to the user that runs Latchkey, or set LATCHKEY_DATA to another folder.',
    )
  }
}

/** Level by level: Node's own `recursive` never returns where a file system has no room for folders, such as `/proc`. */
function makeFolder(folder: string): void {
  if (existsSync(folder)) return
  makeFolder(dirname(folder))
  try {
    mkdirSync(folder, { mode: 0o700 })
  } catch (failure) {
    // Another process may have made it meanwhile.
    if (!existsSync(folder)) throw failure
  }
}

/** Tells whether a text is an address, a range, or one of the names that stand for private ranges. */
function isAddressRange(text: string): boolean {
  if (['loopback', 'linklocal', 'uniquelocal'].includes(text)) return true
  const [address = '', prefix, ...rest] = text.split('/')
  const version = isIP(address)
  if (version === 0 || rest.length > 0) return false
  return prefix === undefined || (/^\d{1,3}$/.test(prefix) && Number(prefix) <= (version === 4 ? 32 : 128))
}

function defaultUrl(mode: Mode, port: number): string {
  if (mode === 'dev') return `http://localhost:${port}`
  throw new ConfigError('LATCHKEY_URL is missing. Set it to the public address, such as https://id.example.com.')
}

/** Tells whether a host name can only mean this machine, where browsers allow passkeys over plain http. */
export function isLoopbackHost(host: string): boolean {
  return host === 'localhost' || host.endsWith('.localhost') || host === '127.0.0.1' || host === '[::1]'
}

function refusePlainHttp(mode: Mode, url: string): void {
  const { protocol, hostname } = new URL(url)
  if (mode === 'dev' || protocol === 'https:' || isLoopbackHost(hostname)) return
  throw new ConfigError(
    `LATCHKEY_URL is ${url}: a public host needs https, because browsers refuse passkeys over plain http. ` +
      'Use an https address and terminate TLS in front of Latchkey.',
  )
}

function readSecretKeys(mode: Mode, text: string | undefined, dataDirectory: string): readonly [string, ...string[]] {
  const [first, ...others] = (text ?? developmentSecret(mode, dataDirectory)).split(/\s+/).filter(Boolean)
  const short = [first ?? '', ...others].some((key) => key.length < 32)
  if (first === undefined || short)
    throw new ConfigError('LATCHKEY_SECRET_KEY needs at least 32 characters. Make one: openssl rand -base64 32')
  return [first, ...others]
}

const developmentSecretPath = (dataDirectory: string) => join(dataDirectory, 'secret.key')

/** In development a key is made once and kept beside the database, so that a restart can read what it wrote. */
function developmentSecret(mode: Mode, dataDirectory: string): string {
  if (mode === 'start')
    throw new ConfigError('LATCHKEY_SECRET_KEY is missing. Make one and keep it safe: openssl rand -base64 32')
  const path = developmentSecretPath(dataDirectory)
  if (!existsSync(path)) {
    refuseUnwritable(dataDirectory)
    writeFileSync(path, newSecret(), { mode: 0o600 })
  }
  return readFileSync(path, 'utf8').trim()
}
