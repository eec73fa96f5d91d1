import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'

const root = join(import.meta.dirname, '..')
const read = (path: string): string => readFileSync(join(root, path), 'utf8')

/** What a clone holds, and what the next commit will add to it. */
const files = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '-z'], {
  cwd: root,
  encoding: 'utf8',
})
  .split('\0')
  .filter((path) => path !== '' && existsSync(join(root, path)))

const isText = (path: string): boolean => !/\.(?:png|jpe?g|gif|webp|ico|woff2?|der|bin)$/.test(path)

type Locked = { version?: string; resolved?: string; link?: boolean; hasInstallScript?: boolean }
type Manifest = Record<
  'dependencies' | 'devDependencies' | 'optionalDependencies' | 'overrides',
  Record<string, string>
>

const lock: { packages: Record<string, Locked> } = JSON.parse(read('package-lock.json'))
const packages = Object.entries(lock.packages)

describe('The lock file', () => {
  it('lists packages', () => {
    expect(packages.length).toBeGreaterThan(100)
  })

  it('holds no download address: whoever installs chooses the registry', () => {
    expect(packages.filter(([, { link, resolved }]) => resolved !== undefined && !link).map(([name]) => name)).toEqual(
      [],
    )
    // Addresses remain only where packages ask for money.
    const addresses = packages.filter(([, entry]) => /https?:/.test(JSON.stringify({ ...entry, funding: undefined })))
    expect(addresses.map(([name]) => name)).toEqual([])
  })

  it('holds no package that runs a script when it is installed', () => {
    // fsevents is for macOS, brings its binary with it, and its script only rebuilds it by hand.
    const harmless = ['node_modules/fsevents']
    const scripts = packages.filter(([, { hasInstallScript }]) => hasInstallScript).map(([name]) => name)
    expect(scripts.filter((name) => !harmless.includes(name))).toEqual([])
  })
})

describe('The manifests', () => {
  const manifests = files.filter((path) => /(?:^|\/)package\.json$/.test(path))

  it('are found', () => {
    expect(manifests).toContain('package.json')
    expect(manifests).toContain('apps/server/package.json')
  })

  it.each(manifests)('pin every version in %s', (path) => {
    const manifest: Partial<Manifest> = JSON.parse(read(path))
    const { dependencies, devDependencies, optionalDependencies, overrides } = manifest
    const versions = Object.entries({ ...dependencies, ...devDependencies, ...optionalDependencies, ...overrides })
    expect(versions.filter(([, version]) => !/^(?:npm:@?[\w./-]+@)?\d+\.\d+\.\d+(?:-[\w.]+)?$/.test(version))).toEqual(
      [],
    )
  })
})

describe('The committed files', () => {
  it('name no folder of the machine that they were written on', () => {
    // Split, so that this file does not find itself.
    const places = new RegExp(
      ['(?:^|[\\s"\'`(=:])/(?:work', 'root', 'Users/\\w+', 'home/(?!runner|node|latchkey)\\w+)/'].join('|'),
      'm',
    )
    expect(`cd ${['', 'root', 'latchkey'].join('/')}`).toMatch(places)
    expect(files.filter(isText).filter((path) => places.test(read(path)))).toEqual([])
  })
})

describe('The documents', () => {
  const documents = files.filter((path) => path.endsWith('.md'))

  it('are found', () => {
    expect(documents.length).toBeGreaterThan(0)
  })

  it.each(documents)('link only to what is there: %s', (path) => {
    const text = read(path).replace(/^```[\s\S]*?^```/gm, '')
    const links = [...text.matchAll(/\]\(([^)\s]+)(?:\s+"[^"]*")?\)|(?:src|href)="([^"]+)"/g)].map(
      (match) => match[1] ?? match[2] ?? '',
    )
    const relative = links.filter((link) => !/^(?:[a-z]+:|\/\/|#)/i.test(link))
    const dead = relative.filter(
      (link) => !existsSync(join(root, dirname(path), decodeURI(link.replace(/[#?].*$/, '')))),
    )
    expect(dead).toEqual([])
    const anchors = links.filter((link) => !/^[a-z]+:/i.test(link) && link.includes('#'))
    expect(anchors.filter((link) => !hasAnchor(path, link))).toEqual([])
  })
})

/** Headings as GitHub names them. */
function hasAnchor(path: string, link: string): boolean {
  const [file = '', anchor = ''] = link.split('#')
  const target = file === '' ? path : join(dirname(path), decodeURI(file))
  if (!target.endsWith('.md') || !existsSync(join(root, target))) return true
  const headings = [...read(target).matchAll(/^#{1,6}\s+(.*)$/gm)].map((match) => match[1] ?? '')
  const slugs = headings.map((heading) =>
    heading
      .trim()
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, '')
      .replaceAll(' ', '-'),
  )
  return slugs.includes(decodeURIComponent(anchor))
}
