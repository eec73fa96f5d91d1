/**
 * HTML as a value. Everything that goes into a template is escaped unless it is itself the result of a template;
 * only a symbol marks those, so no string, parsed JSON included, can pass for one.
 */
const mark = Symbol('html')

/** Markup that is safe to put into a page. */
export type Html = { readonly [mark]: string }

/** What a template takes. `false`, `null` and `undefined` leave nothing. */
export type HtmlValue = Html | string | number | false | null | undefined | readonly HtmlValue[]

type Hole = 'text' | 'url'

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
  '`': '&#96;',
}
const holes = new WeakMap<TemplateStringsArray, readonly Hole[]>()

/**
 * Builds markup. Attribute values must be quoted; holes in scripts, styles and event handlers are refused, and a
 * hole that begins a URL attribute takes only https, http, mailto and relative addresses.
 *
 * @example html`<a href="${url}">${name}</a>`
 */
export function html(strings: TemplateStringsArray, ...values: readonly HtmlValue[]): Html {
  const kinds = holes.get(strings) ?? inspect(strings)
  let text = strings[0] ?? ''
  for (const [index, value] of values.entries()) {
    text += kinds[index] === 'url' ? escaped(safeUrl(value)) : render(value)
    text += strings[index + 1] ?? ''
  }
  return { [mark]: text }
}

/** Marks a constant of ours as markup. Never give it anything that came from outside. */
export function raw(constant: string): Html {
  return { [mark]: constant }
}

/** The text of finished markup. */
export function toText(markup: Html): string {
  return markup[mark]
}

/**
 * Renders attributes: `true` stands alone, `false` and `undefined` are left out.
 *
 * @example html`<input ${attributes({ name: 'code', required: true, 'aria-describedby': hint })}>`
 */
export function attributes(values: Readonly<Record<string, string | number | boolean | undefined>>): Html {
  const parts: string[] = []
  for (const [name, value] of Object.entries(values)) {
    if (!/^[a-z][a-z0-9:-]*$/.test(name) || /^(on|style$)/.test(name)) throw new TypeError(`Attribute ${name}`)
    if (value === true) parts.push(name)
    else if (value !== false && value !== undefined) parts.push(`${name}="${escaped(String(value))}"`)
  }
  return { [mark]: parts.join(' ') }
}

/** A data block for scripts. It is never executed, so a policy without inline scripts allows it. */
export function dataBlock(id: string, data: unknown): Html {
  const json = JSON.stringify(data).replace(/[<>&\u2028\u2029]/g, (character) => {
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
  })
  return { [mark]: `<script type="application/json" id="${escaped(id)}">${json}</script>` }
}

function render(value: HtmlValue): string {
  if (value === false || value === null || value === undefined) return ''
  if (typeof value === 'string') return escaped(value)
  if (typeof value === 'number') return String(value)
  if (isList(value)) return value.map(render).join('')
  return value[mark]
}

const isList = (value: HtmlValue): value is readonly HtmlValue[] => Array.isArray(value)

const escaped = (text: string) => text.replace(/[&<>"'`]/g, (character) => ESCAPES[character] ?? '')

function safeUrl(value: HtmlValue): string {
  if (typeof value !== 'string') throw new TypeError('A URL attribute takes a string.')
  const isRelative = /^[/?#](?!\/)/.test(value) && !value.includes('\\')
  return isRelative || /^(https?:\/\/|mailto:)/i.test(value) ? value : '#'
}

/** Looks at the literal parts once per template, so that a mistake fails at the first rendering, in any test. */
function inspect(strings: TemplateStringsArray): readonly Hole[] {
  let before = ''
  const kinds = strings.slice(0, -1).map((part): Hole => {
    before += part
    const found = kindOf(before)
    before += 'x'
    return found
  })
  holes.set(strings, kinds)
  return kinds
}

function kindOf(before: string): Hole {
  const tag = before.slice(before.lastIndexOf('<'))
  if (/^<(script|style)\b[^>]*>/i.test(tag) || /<!--(?![\s\S]*-->)/.test(before))
    throw new TypeError('No values in scripts, styles or comments.')
  if (tag.includes('>')) return 'text'
  if (/=\s*$/.test(tag)) throw new TypeError('Quote the attribute.')
  const name = /([\w:-]+)="[^"]*$/.exec(tag)?.[1]?.toLowerCase()
  if (name?.startsWith('on') || name === 'style' || name === 'srcdoc') throw new TypeError(`No values in ${name}.`)
  return /\b(href|src|action|formaction)="$/i.test(tag) ? 'url' : 'text'
}
