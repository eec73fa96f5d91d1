const longestPattern = 200
const mostQuantifiers = 4

/**
 * Tells whether a regular expression is one that we can run on every token: valid, short, and of a shape whose running
 * time cannot explode.
 *
 * JavaScript's engine backtracks. A quantified group, a back reference or a long row of quantifiers lets one group
 * name hold a processor for minutes, for every org at once; patterns of group names need none of them.
 */
export function isSafePattern(pattern: string): boolean {
  if (pattern.length > longestPattern) return false
  try {
    new RegExp(`^(?:${pattern})$`, 'u')
  } catch {
    return false
  }
  // A class in brackets counts as one letter, and so does an escaped one; back references are no letters.
  if (/\\[1-9k]/.test(pattern)) return false
  const plain = pattern
    .replace(/\\./gu, 'x')
    .replace(/\[[^\]]*\]/g, 'x')
    .replaceAll('(?:', '(')
  if (plain.includes('(?') || /\)[*+?{]/.test(plain)) return false
  return (plain.match(/[*+?{]/g) ?? []).length <= mostQuantifiers
}
