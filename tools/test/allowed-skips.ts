/**
 * All that may be skipped, and when; any other skipped test fails the run.
 *
 * Of a test, `name` is matched against its file and title, `source` against the text of its file.
 */
import { existsSync } from 'node:fs'
import { join } from 'node:path'

export type AllowedSkip = {
  readonly name?: RegExp
  readonly source?: RegExp
  readonly when: () => boolean
  readonly why: string
}

const isCi = () => ![undefined, '', 'false', '0'].includes(process.env.CI)

export const allowedSkips: readonly AllowedSkip[] = [
  {
    source: /oracles/,
    when: () => !existsSync(join(import.meta.dirname, '../../../shared/oracles')),
    why: 'the reference data, which is not part of this repository, is not beside it',
  },
  {
    name: /postgres/i,
    when: () => !isCi() && process.env.LATCHKEY_TEST_WITHOUT_POSTGRES === '1',
    why: 'PostgreSQL is not installed',
  },
  {
    name: /^(?:system › Chromium|e2e)$/,
    when: () => !isCi() && process.env.LATCHKEY_CHROMIUM === undefined,
    why: 'Chromium is not installed',
  },
]
