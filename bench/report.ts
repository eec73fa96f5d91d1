/** A part of the report. */
export type Section = {
  title: string
  /** How it was measured, where the table does not say so itself. */
  note?: string
  head: readonly string[]
  rows: readonly (readonly string[])[]
  aims?: readonly Aim[]
}

export type Aim = { aim: string; measured: string; isMet: boolean }

/** Writes the sections as Markdown, and at the end what was aimed for. */
export function writeReport(sections: readonly Section[]): string {
  const parts = sections.map(({ title, note, head, rows }) =>
    [`## ${title}`, ...(note === undefined ? [] : [note]), writeTable(head, rows)].join('\n\n'),
  )
  const aims = sections.flatMap((section) => section.aims ?? [])
  const rows = aims.map(({ aim, measured, isMet }) => [aim, measured, isMet ? 'met' : '**missed**'])
  const last = rows.length > 0 ? ['## Aims', writeTable(['Aim', 'Measured', ''], rows)] : []
  return `${[...parts, ...last].join('\n\n')}\n`
}

function writeTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [head, head.map((_, column) => (column === 0 ? '---' : '---:')), ...rows]
  return lines.map((cells) => `| ${cells.join(' | ')} |`).join('\n')
}

/** Milliseconds to three digits that mean something. */
export const ms = (value: number) => `${significant(value)} ms`
export const times = (value: number) => `${significant(value)}×`
export const rate = (value: number) => String(Math.round(value))
export const megabytes = (bytes: number) => `${Math.round(bytes / 1_000_000)} MB`
export const share = (part: number) => `${Math.round(part * 100)} %`

function significant(value: number): string {
  const digits = value >= 100 ? 0 : value >= 10 ? 1 : 2
  return value.toFixed(digits)
}
