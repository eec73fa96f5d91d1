import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { run } from './command.ts'
import { type Outcome, skip } from './outcome.ts'
import { findPostgres } from './postgres.ts'

type Program = { readonly name: string; readonly debianPackage: string; readonly find: () => string | undefined }

const programs: readonly Program[] = [
  { name: 'PostgreSQL', debianPackage: 'postgresql', find: findPostgres },
  { name: 'Chromium', debianPackage: 'chromium', find: findChromium },
]

/** The browser of the journeys: the one that LATCHKEY_CHROMIUM names, else Chromium or Chrome where systems put it. */
export function findChromium(): string | undefined {
  const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable']
  const folders = (process.env.PATH ?? '').split(delimiter).filter(Boolean)
  const candidates = [
    ...names.flatMap((name) => folders.map((folder) => join(folder, name))),
    '/Applications/Chromium.app/Contents/MacOS/Chromium',
    '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  ]
  return process.env.LATCHKEY_CHROMIUM || candidates.find((path) => existsSync(path))
}

/** Sees to it that the programs that tests need are there; where it may not install them, says what to install. */
export async function preparePrograms(): Promise<Outcome> {
  const missing = programs.filter(({ find }) => find() === undefined)
  if (missing.length > 0) {
    const isDebian = existsSync('/etc/debian_version') && process.getuid?.() === 0
    if (isDebian) await installDebianPackages(missing.map(({ debianPackage }) => debianPackage))
    else
      console.log(`Install ${missing.map(({ name }) => name).join(' and ')}, then run this again to test everything.`)
  }
  if (findPostgres() === undefined) process.env.LATCHKEY_TEST_WITHOUT_POSTGRES = '1'
  const absent = programs.filter(({ find }) => find() === undefined).map(({ name }) => skip(`system › ${name}`))
  return {
    passed: absent.length === 0 ? 1 : 0,
    failed: absent.filter(({ isAllowed }) => !isAllowed).map(({ name }) => `${name} is not installed`),
    skipped: absent.filter(({ isAllowed }) => isAllowed),
  }
}

async function installDebianPackages(names: readonly string[]): Promise<void> {
  console.log(`Installing the missing system packages ${names.join(' and ')} (apt-get)`)
  const env = { DEBIAN_FRONTEND: 'noninteractive' }
  const isInstalled = async () =>
    (await run('apt-get', ['update', '-qq'], { env, isQuiet: true })) &&
    (await run('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...names], { env, isQuiet: true }))
  // Mirrors fail now and then.
  if (!(await isInstalled())) await isInstalled()
}
