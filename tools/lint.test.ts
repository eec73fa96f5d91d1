import { execFile } from 'node:child_process'
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const root = join(import.meta.dirname, '..')
const statements = (count: number): string => 'run()\n'.repeat(count)

/** The rules that the house relies on. A rule that changes its group or its name in Biome goes quiet, not red. */
const breaches: [rule: string, file: string, text: string][] = [
  ['noFloatingPromises', 'src/a.ts', "import { Query } from './query.ts'\n\nnew Query().execute()"],
  ['noExplicitAny', 'src/a.ts', 'export const a: any = 1'],
  ['noNonNullAssertion', 'src/a.ts', 'export const a = (list: string[]) => list[0]!.length'],
  ['useImportType', 'src/a.ts', "import { Query } from './query.ts'\n\nexport const a = (query: Query) => query"],
  ['noDefaultExport', 'src/a.ts', 'export default 1'],
  ['noEnum', 'src/a.ts', 'export enum A {\n  B = 1,\n}'],
  ['noImportCycles', 'src/a.ts', "import { b } from './b.ts'\n\nexport const a = () => b()"],
  ['useFilenamingConvention', 'src/camelCase.ts', 'export const a = 1'],
  ['noExcessiveLinesPerFunction', 'src/a.ts', `export function a(run: () => void) {\n${statements(61)}}`],
  ['noExcessiveLinesPerFile', 'src/a.ts', `const run = () => {}\n${statements(400)}`],
  ['noExcessiveLinesPerFile', 'src/a.test.ts', `const run = () => {}\n${statements(600)}`],
  ['noFocusedTests', 'src/a.test.ts', "import { it } from 'vitest'\n\nit.only('a', () => {})"],
  ['noSkippedTests', 'src/a.test.ts', "import { it } from 'vitest'\n\nit.skip('a', () => {})"],
]

const sound: [what: string, file: string, text: string][] = [
  ['an awaited promise', 'src/a.ts', "import { Query } from './query.ts'\n\nawait new Query().execute()"],
  ['a function of 60 lines', 'src/a.ts', `export function a(run: () => void) {\n${statements(60)}}`],
  ['a test file of 600 lines', 'src/a.test.ts', `const run = () => {}\n${statements(599)}`],
]

let project = ''
beforeAll(async () => {
  project = await mkdtemp(join(tmpdir(), 'lint-'))
  await mkdir(join(project, 'src'))
  for (const file of ['biome.json', 'tsconfig.json', 'tsconfig.base.json', '.gitignore'])
    await cp(join(root, file), join(project, file))
  await writeFile(
    join(project, 'src/query.ts'),
    'export class Query {\n  async execute(): Promise<number> {\n    return 1\n  }\n}\n',
  )
  await writeFile(join(project, 'src/b.ts'), "import { a } from './a.ts'\n\nexport const b = () => a()\n")
})
afterAll(async () => {
  await rm(project, { recursive: true, force: true })
})

async function lint(file: string, text: string): Promise<{ rules: string[]; isRefused: boolean }> {
  await writeFile(join(project, file), `${text}\n`)
  const output = await new Promise<{ text: string; isRefused: boolean }>((resolve) => {
    const args = ['lint', '--reporter=github', file]
    execFile(join(root, 'node_modules/.bin/biome'), args, { cwd: project }, (error, stdout) =>
      resolve({ text: stdout, isRefused: error !== null }),
    )
  })
  await rm(join(project, file))
  const errors = output.text.matchAll(/::error title=lint\/\w+\/(\w+)/g)
  return { rules: [...errors].map((match) => match[1] ?? ''), isRefused: output.isRefused }
}

describe('The lint rules', () => {
  it.each(breaches)('refuse a breach of %s in %s', async (rule, file, text) => {
    expect(await lint(file, text)).toMatchObject({ rules: [rule], isRefused: true })
  })

  it.each(sound)('allow %s', async (_, file, text) => {
    expect(await lint(file, text)).toEqual({ rules: [], isRefused: false })
  })
})
