import { hash } from 'node:crypto'
import { isEqualSecret } from '../platform/vault.ts'
import { errors } from './errors.ts'

/** RFC 7636 §4.1: 43 to 128 unreserved characters. */
const verifierShape = /^[A-Za-z0-9\-._~]{43,128}$/

/** An S256 challenge: 32 bytes in base64url, whose last letter has two bits that must be zero. */
const challengeShape = /^[A-Za-z0-9\-_]{42}[AEIMQUYcgkosw048]$/

export function isPkceChallenge(text: string): boolean {
  return challengeShape.test(text)
}

/**
 * Checks what a client says to prove that it asked for the code itself.
 *
 * A verifier where there was no challenge is refused as well: somebody took the challenge out of the authorization
 * request (RFC 9700 §2.1.1, PKCE downgrade).
 *
 * @throws {LatchkeyError} `pkce_verifier_missing`, `pkce_verifier_unexpected`, `pkce_verification_failed`
 */
export function verifyPkce(challenge: string | undefined, verifier: string | undefined): void {
  if (challenge === undefined && verifier === undefined) return
  if (challenge === undefined) throw errors.pkce_verifier_unexpected()
  if (verifier === undefined) throw errors.pkce_verifier_missing()
  if (!verifierShape.test(verifier) || !isEqualSecret(hash('sha256', verifier, 'base64url'), challenge))
    throw errors.pkce_verification_failed()
}
