/**
 * `npm test`: everything, in the order in which it is cheapest to be told that something is wrong.
 *
 * `npm test -- lint unit` runs the named stages, `npm test -- unit sign-in -t expired` hands what is left to Vitest.
 * The last line counts the tests; stages that are not Vitest's count as one each, the system's programs too.
 */
import { constants } from 'node:os'
import { run, stopAll } from './command.ts'
import { conclude, type Outcome, single, skip } from './outcome.ts'
import { startPostgres } from './postgres.ts'
import { findChromium, preparePrograms } from './system.ts'
import { runVitest } from './vitest.ts'

type Stage = {
  readonly title: string
  readonly needsPrograms: boolean
  readonly run: (filters: readonly string[]) => Promise<Outcome>
}

const stages: Record<string, Stage> = {
  system: { title: 'programs that the tests need', needsPrograms: false, run: preparePrograms },
  types: { title: 'TypeScript', needsPrograms: false, run: checkTypes },
  lint: { title: 'Biome, knip', needsPrograms: false, run: checkLint },
  house: { title: 'who imports whom', needsPrograms: false, run: checkHouse },
  unit: { title: 'packages, apps, examples, tools', needsPrograms: true, run: (filters) => runVitest('unit', filters) },
  e2e: { title: 'journeys through a browser', needsPrograms: true, run: runJourneys },
}

async function checkTypes(): Promise<Outcome> {
  const projects = ['tsconfig.json', 'tsconfig.browser.json', 'tsconfig.browser-tests.json', 'tsconfig.e2e.json']
  const results = await Promise.all(projects.map((project) => run('tsc', ['-p', project], { isQuiet: true })))
  return single('types', results.every(Boolean))
}

async function checkLint(): Promise<Outcome> {
  const results = [await run('biome', ['ci', '--error-on-warnings', '.']), await run('knip', ['--no-progress'])]
  return single('lint', results.every(Boolean))
}

async function checkHouse(): Promise<Outcome> {
  return single('house', await run(process.execPath, ['tools/check-house.mjs']))
}

async function runJourneys(filters: readonly string[]): Promise<Outcome> {
  const chromium = findChromium()
  if (chromium === undefined) return { passed: 0, failed: [], skipped: [skip('e2e')] }
  process.env.LATCHKEY_CHROMIUM = chromium
  return await runVitest('e2e', filters)
}

/** The stages to run: those that are named, else those that know what to do with the filters, else all. */
function select(args: readonly string[]): { names: string[]; filters: string[] } {
  const named = args.filter((arg) => Object.hasOwn(stages, arg))
  const filters = args.filter((arg) => !Object.hasOwn(stages, arg))
  const isWanted = ([name, { needsPrograms }]: [string, Stage]) =>
    named.length > 0 ? named.includes(name) : needsPrograms || filters.length === 0
  const wanted = Object.entries(stages).filter(isWanted)
  const names = wanted.map(([name]) => name)
  const isMissingPrograms = wanted.some(([, { needsPrograms }]) => needsPrograms) && !names.includes('system')
  return { names: isMissingPrograms ? ['system', ...names] : names, filters }
}

/** One server for all tests; a test that wants to crash one starts its own. */
async function startDatabase(): Promise<{ stop(): Promise<void> } | undefined> {
  if (process.env.LATCHKEY_TEST_POSTGRES || process.env.LATCHKEY_TEST_WITHOUT_POSTGRES === '1') return undefined
  const server = await startPostgres()
  process.env.LATCHKEY_TEST_POSTGRES = server.url
  return server
}

async function runStage(name: string, stage: Stage, filters: readonly string[]): Promise<Outcome> {
  console.log(`\n── ${name}: ${stage.title}`)
  const started = performance.now()
  try {
    return await stage.run(filters)
  } catch (error) {
    console.log(error)
    return single(name, false)
  } finally {
    console.log(`── ${name}: ${((performance.now() - started) / 1000).toFixed(1)} s`)
  }
}

async function main(args: readonly string[]): Promise<number> {
  const { names, filters } = select(args)
  const outcomes: Outcome[] = []
  let database: Awaited<ReturnType<typeof startDatabase>>
  for (const [name, stage] of Object.entries(stages)) {
    if (!names.includes(name)) continue
    const start = async () => {
      if (stage.needsPrograms) database ??= await startDatabase()
      return await stage.run(filters)
    }
    outcomes.push(await runStage(name, { ...stage, run: start }, filters))
  }
  await database?.stop()
  const { lines, exitCode } = conclude(outcomes)
  console.log(`\n${lines.join('\n')}`)
  return exitCode
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.once(signal, () => {
    stopAll()
    process.exit(128 + constants.signals[signal])
  })
}
process.exitCode = await main(process.argv.slice(2))
