import { createCipheriv, createDecipheriv, createHmac, hkdfSync, randomBytes, timingSafeEqual } from 'node:crypto'
import { defineErrors } from './errors.ts'

const vaultErrors = defineErrors({
  ciphertext_unreadable: { status: 500, message: 'Something kept encrypted cannot be read with the configured keys.' },
})

/**
 * Encrypts what must not lie readable in the database, and derives keyed digests.
 *
 * Ciphertexts name their key (`v1.<key id>.<nonce>.<tag>.<text>`), so that several keys can be configured,
 * newest first: the first encrypts, all decrypt.
 */
export type Vault = {
  /** Encrypts with AES-256-GCM; `purpose` is authenticated, so that a ciphertext cannot serve in another place. */
  encrypt(purpose: string, plain: Uint8Array): string
  /** @throws {LatchkeyError} `ciphertext_unreadable` */
  decrypt(purpose: string, ciphertext: string): Buffer
  /** Derives a keyed digest (HMAC-SHA-256, base64url) that is stable as long as the oldest key is configured. */
  digest(purpose: string, value: string): string
  /** Encrypts anew what was made with a key that is no longer the newest; undefined where there is nothing to do. */
  renew(purpose: string, ciphertext: string): string | undefined
}

type Key = { id: string; encryption: Buffer; digest: Buffer }

export function openVault(secrets: readonly [string, ...string[]]): Vault {
  const keys = secrets.map(deriveKey) as [Key, ...Key[]]
  const newest = keys[0]
  const oldest = keys.at(-1) ?? newest
  return {
    encrypt: (purpose, plain) => encryptWith(newest, purpose, plain),
    decrypt: (purpose, ciphertext) => decryptWith(keys, purpose, ciphertext),
    digest: (purpose, value) => createHmac('sha256', oldest.digest).update(`${purpose}\0${value}`).digest('base64url'),
    renew: (purpose, ciphertext) =>
      ciphertext.split('.')[1] === newest.id
        ? undefined
        : encryptWith(newest, purpose, decryptWith(keys, purpose, ciphertext)),
  }
}

function deriveKey(secret: string): Key {
  const derive = (info: string, length: number) => Buffer.from(hkdfSync('sha256', secret, 'latchkey', info, length))
  return {
    id: derive('key id', 6).toString('base64url'),
    encryption: derive('encryption', 32),
    digest: derive('digest', 32),
  }
}

function encryptWith(key: Key, purpose: string, plain: Uint8Array): string {
  const nonce = randomBytes(12)
  const cipher = createCipheriv('aes-256-gcm', key.encryption, nonce).setAAD(Buffer.from(purpose))
  const text = Buffer.concat([cipher.update(plain), cipher.final()])
  return ['v1', key.id, ...[nonce, cipher.getAuthTag(), text].map((part) => part.toString('base64url'))].join('.')
}

function decryptWith(keys: readonly Key[], purpose: string, ciphertext: string): Buffer {
  const [version, id, nonce, tag, text] = ciphertext.split('.')
  const key = keys.find((candidate) => candidate.id === id)
  if (version !== 'v1' || !key || !nonce || !tag || text === undefined) throw vaultErrors.ciphertext_unreadable()
  try {
    const decipher = createDecipheriv('aes-256-gcm', key.encryption, Buffer.from(nonce, 'base64url'))
      .setAAD(Buffer.from(purpose))
      .setAuthTag(Buffer.from(tag, 'base64url'))
    return Buffer.concat([decipher.update(Buffer.from(text, 'base64url')), decipher.final()])
  } catch (cause) {
    throw vaultErrors.ciphertext_unreadable({ cause })
  }
}

/** Compares two secrets without telling by its duration where they differ. */
export function isEqualSecret(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)]
  return left.length === right.length && timingSafeEqual(left, right)
}
