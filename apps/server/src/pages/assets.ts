/**
 * The files that pages link to. Their addresses carry a hash of their content, so that they may be kept for ever.
 * Scripts are bundled once per source and kept in a folder; a server that starts again reads what is there.
 */
import { spawn } from 'node:child_process'
import { createHash, randomUUID } from 'node:crypto'
import { mkdir, readdir, readFile, rename, rm } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { brotliCompress, gzip, constants as zlib } from 'node:zlib'
import { findAccentStylesheet } from './accent.ts'
import { errors } from './errors.ts'
import type { AssetName, AssetUrls } from './page.ts'

/** A file as it is served. */
export type Asset = {
  readonly body: Buffer
  readonly brotli: Buffer
  readonly gzip: Buffer
  readonly contentType: string
}

export type Assets = {
  /** The address of each file, for the data of pages. */
  readonly urls: AssetUrls
  /** The files by address. They never change: `cache-control: public, max-age=31536000, immutable`. */
  readonly files: ReadonlyMap<string, Asset>
}

const ROOM = fileURLToPath(new URL('.', import.meta.url))
const SCRIPTS = ['sign-in', 'account'] as const
/** One stylesheet, in this order: what comes later may overrule what came before. */
const STYLES = [
  'colours',
  'ground',
  'frames',
  'forms',
  'buttons',
  'notices',
  'folds',
  'lists',
  'account',
  'support',
  'preferences',
]
const TYPES = { js: 'text/javascript; charset=utf-8', css: 'text/css; charset=utf-8', svg: 'image/svg+xml' } as const
const BUNDLE_TIMEOUT_MS = 60_000

/**
 * Bundles what is not bundled yet, and reads and compresses everything.
 *
 * @param cacheDir a writable folder that outlives the process; several processes may share it
 * @throws {LatchkeyError} `assets_not_bundled`, with what the bundler said as its cause
 */
export async function loadAssets(cacheDir: string): Promise<Assets> {
  const [[signIn, account], style, icon] = await Promise.all([
    loadScripts(cacheDir),
    loadStyle(),
    readFile(join(ROOM, 'assets/icon.svg'), 'utf8'),
  ])
  const named = {
    'style.css': await toFile('style', 'css', style),
    'icon.svg': await toFile('icon', 'svg', icon),
    'sign-in.js': await toFile('sign-in', 'js', signIn),
    'account.js': await toFile('account', 'js', account),
  } satisfies Record<AssetName, unknown>
  const urls = {
    'style.css': named['style.css'].url,
    'icon.svg': named['icon.svg'].url,
    'sign-in.js': named['sign-in.js'].url,
    'account.js': named['account.js'].url,
  }
  return { urls, files: new Map(Object.values(named).map(({ url, asset }) => [url, asset])) }
}

/** Finds the file at an address: one of the files, or the stylesheet of an org's accent, made on the spot. */
export async function findAsset({ files }: Assets, path: string): Promise<Asset | undefined> {
  const found = files.get(path)
  if (found) return found
  const accent = findAccentStylesheet(path)
  return accent === undefined ? undefined : await compressed(accent, TYPES.css)
}

async function toFile(name: string, type: keyof typeof TYPES, text: string) {
  const hash = createHash('sha256').update(text).digest('base64url').replaceAll(/[-_]/g, '').slice(0, 10)
  return { url: `/assets/${name}-${hash}.${type}`, asset: await compressed(text, TYPES[type]) }
}

async function compressed(text: string, contentType: string): Promise<Asset> {
  const body = Buffer.from(text)
  const [brotli, gzipped] = await Promise.all([
    promisify(brotliCompress)(body, { params: { [zlib.BROTLI_PARAM_SIZE_HINT]: body.length } }),
    promisify(gzip)(body, { level: 9 }),
  ])
  return { body, brotli, gzip: gzipped, contentType }
}

async function loadScripts(cacheDir: string): Promise<[signIn: string, account: string]> {
  const folder = join(cacheDir, `pages-${await hashSources()}`)
  const read = () => Promise.all([readScript(folder, 'sign-in'), readScript(folder, 'account')])
  try {
    return await read()
  } catch {
    await bundleInto(cacheDir, folder)
    return await read().catch((cause) => {
      throw errors.assets_not_bundled({ cause })
    })
  }
}

const readScript = (folder: string, name: (typeof SCRIPTS)[number]) => readFile(join(folder, `${name}.js`), 'utf8')

/** Bundles beside the place and moves there, so that a process that dies half-way leaves nothing half-done. */
async function bundleInto(cacheDir: string, folder: string): Promise<void> {
  const draft = join(cacheDir, `draft-${randomUUID()}`)
  await mkdir(draft, { recursive: true }).catch((cause) => {
    throw errors.assets_not_bundled({ message: `Cannot write to ${cacheDir}, where page scripts are kept.`, cause })
  })
  await Promise.all(SCRIPTS.map((name) => bundle(join(ROOM, `client/${name}.ts`), join(draft, `${name}.js`))))
  // Another process may have been faster; what it wrote is the same.
  await rename(draft, folder).catch(() => rm(draft, { recursive: true, force: true }))
}

async function bundle(entry: string, file: string): Promise<void> {
  const child = spawn(process.execPath, [join(ROOM, 'bundle.ts'), entry, file], {
    stdio: ['ignore', 'ignore', 'pipe'],
    timeout: BUNDLE_TIMEOUT_MS,
  })
  const said: Buffer[] = []
  child.stderr.on('data', (chunk: Buffer) => said.push(chunk))
  const { promise, resolve, reject } = Promise.withResolvers<number | null>()
  child.on('error', reject)
  child.on('close', resolve)
  const code = await promise
  if (code === 0) return
  const reason = Buffer.concat(said).toString('utf8').trim().slice(-2_000)
  throw errors.assets_not_bundled({ cause: new Error(reason || `The bundler ended with ${code ?? 'no answer'}.`) })
}

/** Everything that goes into the scripts: ours, the browser package's, and how they are bundled. */
async function hashSources(): Promise<string> {
  const browser = dirname(createRequire(import.meta.url).resolve('@latchkey/browser'))
  const hash = createHash('sha256')
  for (const folder of [join(ROOM, 'client'), browser]) {
    const names = (await readdir(folder)).filter((name) => /\.(ts|js)$/.test(name) && !name.endsWith('.test.ts'))
    for (const name of names.sort()) hash.update(name).update(await readFile(join(folder, name)))
  }
  hash.update(await readFile(join(ROOM, 'bundle.ts')))
  return hash.digest('hex').slice(0, 16)
}

async function loadStyle(): Promise<string> {
  const parts = await Promise.all(STYLES.map((name) => readFile(join(ROOM, `assets/style/${name}.css`), 'utf8')))
  return condense(parts.join('\n'))
}

/** Takes comments and indentation out of a stylesheet of ours, which has neither in its strings. */
function condense(css: string): string {
  return css
    .replaceAll(/\/\*[\s\S]*?\*\//g, '')
    .replaceAll(/\s+/g, ' ')
    .replaceAll(/ ?([{};,]) ?/g, '$1')
    .replaceAll(';}', '}')
    .trim()
}
