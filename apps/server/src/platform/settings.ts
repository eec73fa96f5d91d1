import { readFileSync } from 'node:fs'
import type { z } from 'zod'

type Environment = Record<string, string | undefined>
type Refuse = (message: string) => Error

/**
 * Reads settings from the environment and, below it, from the JSON file that LATCHKEY_CONFIG names.
 *
 * Each setting has a `<NAME>_FILE` twin that names a file holding the value, as container secrets do.
 * A name that begins with LATCHKEY_ and is not a setting is refused: it is a typing mistake that would go unnoticed.
 */
export function parseSettings<Schema extends z.ZodObject>(schema: Schema, environment: Environment, refuse: Refuse) {
  const names = Object.keys(schema.shape)
  const given = { ...readSettingsFile(environment.LATCHKEY_CONFIG, refuse), ...pick(environment, names, refuse) }
  const parsed = schema.safeParse(given)
  if (parsed.success) return parsed.data
  const issue = parsed.error.issues[0]
  const unknown = issue?.code === 'unrecognized_keys' ? issue.keys[0] : undefined
  if (unknown) throw refuse(`${unknown} is not a setting.`)
  throw refuse(`${issue?.path.join('.') ?? 'A setting'}: ${issue?.message ?? 'is not valid'}.`)
}

function pick(environment: Environment, names: readonly string[], refuse: Refuse): Record<string, string> {
  const picked: Record<string, string> = {}
  for (const [name, value] of Object.entries(environment)) {
    if (value === undefined || value === '' || name === 'LATCHKEY_CONFIG') continue
    const base = name.endsWith('_FILE') ? name.slice(0, -'_FILE'.length) : name
    if (names.includes(name)) picked[name] = value
    else if (names.includes(base)) picked[base] = readSecretFile(name, value, refuse)
    else if (name.startsWith('LATCHKEY_') && !name.startsWith('LATCHKEY_TEST_') && name !== 'LATCHKEY_CHROMIUM')
      throw refuse(`${name} is not a setting.`)
  }
  return picked
}

function readSecretFile(name: string, path: string, refuse: Refuse): string {
  try {
    return readFileSync(path, 'utf8').trim()
  } catch {
    throw refuse(`${name} names ${path}, which cannot be read.`)
  }
}

function readSettingsFile(path: string | undefined, refuse: Refuse): Record<string, unknown> {
  if (!path) return {}
  try {
    return JSON.parse(readFileSync(path, 'utf8'))
  } catch {
    throw refuse(`LATCHKEY_CONFIG names ${path}, which is not a readable JSON file.`)
  }
}
