/**
 * Tells whether JSON holds only text that can be kept: JSON can escape NUL and half a surrogate pair, which
 * PostgreSQL refuses and UTF-8 does not have.
 *
 * @param text the JSON itself: only where it has such an escape is the value looked through
 */
export function isStorableJson(text: string, value: unknown): boolean {
  if (!/\\u(?:0000|d[89a-f])/i.test(text)) return true
  // A list of what is left instead of recursion: nesting is only bounded by the size of the body.
  const left: unknown[] = [value]
  while (left.length > 0) {
    const one = left.pop()
    if (typeof one === 'string' && !isStorable(one)) return false
    if (typeof one === 'object' && one !== null) left.push(...Object.keys(one), ...Object.values(one))
  }
  return true
}

const isStorable = (text: string) => text.isWellFormed() && !text.includes('\0')
