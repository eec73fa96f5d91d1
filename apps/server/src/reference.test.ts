import { glob } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { settingsSchema } from './config.ts'
import type { ErrorDeclaration } from './platform/errors.ts'
import { catalog } from './records/events/index.ts'

/** The reference is written from the code; `vitest -u` writes it anew after a change. */
const reference = (name: string) => fileURLToPath(new URL(`../../../docs/reference/${name}`, import.meta.url))
const row = (cells: readonly string[]) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`
const table = (head: readonly string[], rows: readonly (readonly string[])[]) =>
  [row(head), row(head.map(() => '---')), ...rows.map(row)].join('\n')

test('docs/reference/settings.md lists every setting', async () => {
  const rows = Object.entries(settingsSchema.shape).map(([name, schema]) => {
    const byDefault = schema.safeParse(undefined)
    const value = byDefault.success && byDefault.data !== undefined ? `\`${String(byDefault.data)}\`` : ''
    return [`\`${name}\``, value === '``' ? '' : value, schema.description ?? '']
  })
  expect(rows.every(([, , description]) => description !== '')).toBe(true)
  const text = `# Settings

Read once at the start, from the environment or from the JSON file that \`LATCHKEY_CONFIG\` names. Each has a twin that ends in \`_FILE\` and names a file with the value. A name that begins with \`LATCHKEY_\` and is not in this list is refused.

${table(['setting', 'default', 'meaning'], rows)}
`
  await expect(text).toMatchFileSnapshot(reference('settings.md'))
})

test('docs/reference/events.md lists every event', async () => {
  const rows = Object.entries(catalog).map(([name, { description, okta }]) => [
    `\`${name}\``,
    description,
    okta ? `\`${okta}\`` : '',
  ])
  const text = `# Events

What the audit keeps. A refusal is the same event with the outcome \`FAILURE\` and the error's code as its reason. The last column names the event type that Okta's System Log uses for it.

${table(['event', 'meaning', "Okta's event type"], rows)}
`
  await expect(text).toMatchFileSnapshot(reference('events.md'))
})

test('docs/reference/errors.md lists every error, each code with one meaning', async () => {
  const declared = new Map<string, ErrorDeclaration>()
  for await (const file of glob('**/*errors.ts', { cwd: import.meta.dirname })) {
    for (const [code, declaration] of await declarationsOf(file)) {
      const earlier = declared.get(code)
      if (!earlier || declaration.message.length > earlier.message.length) declared.set(code, declaration)
    }
  }
  expect(declared.size).toBeGreaterThan(50)
  const rows = [...declared]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([code, { status, message }]) => [`\`${code}\``, String(status), message])
  const text = `# Errors

Every refusal carries one of these codes in the header \`X-Latchkey-Error\`, in its body where the protocol has a place for it, and as the reason of its audit event. Passkeys are refused with \`passkey_refused\`; its \`reason\` is one of the codes in the [reference of \`@latchkey/webauthn\`](../../packages/webauthn/README.md).

${table(['code', 'status', 'words'], rows)}
`
  await expect(text).toMatchFileSnapshot(reference('errors.md'))
})

async function declarationsOf(file: string): Promise<[string, ErrorDeclaration][]> {
  const module: Record<string, unknown> = await import(`./${file}`)
  return Object.values(module).flatMap((value) => {
    const hasDeclared = (typeof value === 'object' && value !== null && 'declared' in value) as boolean
    const { declared } = (hasDeclared ? value : { declared: {} }) as { declared: Record<string, ErrorDeclaration> }
    return Object.entries(declared)
  })
}
