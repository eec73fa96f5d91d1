const alphabet = /^[A-Za-z0-9_-]*$/

export function toBase64url(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64url')
}

/** Reads base64url as browsers write it: no padding, no other alphabet. Undefined when it is anything else. */
export function fromBase64url(text: string): Uint8Array | undefined {
  if (text.length % 4 === 1 || !alphabet.test(text)) return undefined
  return Buffer.from(text, 'base64url')
}

/** Reads base64 or base64url, padded or not: what SDKs outside the browser send. */
export function fromAnyBase64(text: string): Uint8Array | undefined {
  const padding = text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0
  if (padding > 0 && text.length % 4 !== 0) return undefined
  return fromBase64url(
    text
      .slice(0, text.length - padding)
      .replaceAll('+', '-')
      .replaceAll('/', '_'),
  )
}
