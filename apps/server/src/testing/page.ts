import type { ScriptData } from '../pages/script-data.ts'

/** A form as its HTML says. */
export type Form = {
  readonly action: string
  readonly method: string
  /** Values by name, hidden ones included. */
  readonly fields: Readonly<Record<string, string>>
  readonly buttons: readonly { readonly name: string; readonly value: string }[]
}

/** What a test wants to know of a page of ours. */
export type Page = {
  readonly title: string
  readonly heading: string
  readonly forms: readonly Form[]
  /** Codes of the messages and field errors on it. */
  readonly codes: readonly string[]
  /** The CSRF token for scripts. */
  readonly csrf: string
  /** What the page tells its script. */
  readonly script: ScriptData | undefined
}

/** Reads a page of ours; it knows how our templates write HTML and no more. */
export function parsePage(html: string): Page {
  const script = /<script type="application\/json" id="page">([\s\S]*?)<\/script>/.exec(html)?.[1]
  return {
    title: textOf(/<title>([\s\S]*?)<\/title>/.exec(html)?.[1]),
    heading: textOf(/<h1[^>]*>([\s\S]*?)<\/h1>/.exec(html)?.[1]),
    forms: [...html.matchAll(/<form([^>]*)>([\s\S]*?)<\/form>/g)].map(([, head, body]) => formOf(head, body)),
    codes: [...html.matchAll(/data-code="([^"]*)"/g)].map(([, code = '']) => code),
    csrf: unescaped(/<meta name="csrf" content="([^"]*)"/.exec(html)?.[1] ?? ''),
    script: script === undefined ? undefined : (JSON.parse(script) as ScriptData),
  }
}

function formOf(head = '', body = ''): Form {
  const { action = '', method = 'get' } = attributesOf(head)
  const inputs = [...body.matchAll(/<input([^>]*)>/g)].map(([, text = '']) => attributesOf(text))
  const buttons = [...body.matchAll(/<button([^>]*)>/g)].map(([, text = '']) => attributesOf(text))
  return {
    action,
    method,
    fields: Object.fromEntries(inputs.flatMap(({ name, value = '' }) => (name ? [[name, value]] : []))),
    buttons: buttons.flatMap(({ name, value = '' }) => (name ? [{ name, value }] : [])),
  }
}

function attributesOf(text: string): Record<string, string> {
  return Object.fromEntries(
    [...text.matchAll(/([\w-]+)="([^"]*)"/g)].map(([, name = '', value = '']) => [name, unescaped(value)]),
  )
}

const textOf = (html = '') => unescaped(html.replaceAll(/<[^>]*>/g, '')).trim()

const entities: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"' }

function unescaped(text: string): string {
  return text.replaceAll(/&(?:#(\d+)|#x([0-9a-f]+)|(\w+));/gi, (whole, decimal, hex, name) => {
    if (decimal) return String.fromCodePoint(Number(decimal))
    return hex ? String.fromCodePoint(Number.parseInt(hex, 16)) : (entities[name] ?? whole)
  })
}
