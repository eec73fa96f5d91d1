import { domainToASCII, domainToUnicode } from 'node:url'
import { errors } from './errors.ts'

// Control and format characters, line separators, and what is drawn as nothing: names that differ only by these look alike.
const unseen = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/u
const longestIdentifier = 254
const longestLocalPart = 64

/**
 * Writes an identifier as it is compared: trimmed, in NFKC and lower case.
 *
 * @throws {LatchkeyError} `identifier_invalid` where it is empty, too long, or has characters that cannot be seen
 */
export function normaliseIdentifier(text: string): string {
  const trimmed = text.trim()
  // Lower-casing can undo the normal form, so it is applied again.
  const normal = trimmed.normalize('NFKC').toLowerCase().normalize('NFKC').trim()
  const tooLong = trimmed.length > longestIdentifier || normal.length > longestIdentifier
  if (normal === '' || tooLong || unseen.test(trimmed) || unseen.test(normal)) throw errors.identifier_invalid()
  return normal
}

/**
 * Writes an e-mail address as it is compared: the domain in ASCII and the whole in lower case.
 *
 * A local part that is more than composed by NFKC is refused, not changed: another mailbox might hide behind it, and whoever
 * proved that one would have proven this one.
 *
 * @throws {LatchkeyError} `identifier_invalid`
 */
export function normaliseEmail(text: string): string {
  const trimmed = text.trim()
  const at = trimmed.lastIndexOf('@')
  const typed = trimmed.slice(0, Math.max(at, 0))
  const local = typed.normalize('NFC')
  const typedDomain = trimmed.slice(at + 1)
  const domain = domainToASCII(typedDomain)
  const normal = `${local.toLowerCase()}@${domain}`
  const isAddress = isPlain(typed) && isLocalPart(local) && isPlainDomain(typedDomain, domain) && isDomain(domain)
  if (!isAddress || normal.length > longestIdentifier) throw errors.identifier_invalid()
  return normal
}

/** Tells whether a text is made of the plain forms of its letters: no full-width ones, ligatures or Kelvin signs. */
function isPlain(text: string): boolean {
  return text === text.normalize('NFKC') || text === text.normalize('NFKD')
}

/**
 * Tells whether a domain was typed as what it is, in letters of either case. Node reads one as a URL's: it cuts at a slash,
 * decodes percents and drops what cannot be seen, while mail goes to the domain as it was typed, which may be an
 * attacker's (`example.com?.evil.example`).
 */
function isPlainDomain(typed: string, ascii: string): boolean {
  // Letter by letter: a word's last sigma is no other letter here.
  const lower = Array.from(typed.normalize('NFC'), (letter) => letter.toLowerCase()).join('')
  const labels = lower.split('.')
  const encoded = ascii.split('.')
  const decoded = domainToUnicode(ascii).split('.')
  const isKept = (label: string, index: number) => label === encoded[index] || label === decoded[index]
  return labels.length === encoded.length && labels.every(isKept)
}

function isLocalPart(local: string): boolean {
  if (local === '' || local.length > longestLocalPart) return false
  if (unseen.test(local) || local.startsWith('.') || local.endsWith('.') || local.includes('..')) return false
  // The atoms of RFC 5321 and RFC 6531. Quoted local parts are not mailboxes that people have.
  return /^[^\s"(),:;<>@[\\\]]+$/u.test(local)
}

function isDomain(domain: string): boolean {
  return (
    domain.length <= 253 &&
    /^(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)*[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/.test(domain)
  )
}

/** Writes what a person typed, which may be a login or an address, so that an address is one however it is written. */
export function normaliseTyped(text: string): string {
  return isEmail(text) ? normaliseEmail(text) : normaliseIdentifier(text)
}

export function isIdentifier(text: string): boolean {
  return holds(normaliseIdentifier, text)
}

export function isEmail(text: string): boolean {
  return holds(normaliseEmail, text)
}

function holds(normalise: (text: string) => string, text: string): boolean {
  try {
    normalise(text)
    return true
  } catch {
    return false
  }
}
