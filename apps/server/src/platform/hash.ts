import { hash } from 'node:crypto'

/** Hashes an unguessable value for keeping (SHA-256, base64url): enough for 256 random bits, never for passwords. */
export function hashSecret(secret: string): string {
  return hash('sha256', secret, 'base64url')
}
