/** Text that is HTML already; everything else is escaped where a template takes it in. */
export type Html = { readonly html: string }

const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' }

/** Builds HTML from a template; values are escaped unless they were built here too. */
export function html(parts: TemplateStringsArray, ...values: (string | Html | readonly Html[])[]): Html {
  const text = values.map((value, index) => `${write(value)}${parts[index + 1] ?? ''}`)
  return { html: `${parts[0] ?? ''}${text.join('')}` }
}

function write(value: string | Html | readonly Html[]): string {
  if (typeof value === 'string') return value.replace(/[&<>"']/g, (letter) => entities[letter] ?? letter)
  return 'html' in value ? value.html : value.map((one) => one.html).join('')
}
