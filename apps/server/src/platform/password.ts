import { defineErrors } from './errors.ts'

const passwordErrors = defineErrors({
  password_too_long: { status: 400, message: 'A password may have at most 256 characters.' },
  password_empty: { status: 400, message: 'The password is empty.' },
})

/** More is no more secure, and each character costs time before anybody has signed in. */
const maxPasswordLength = 256

/** OWASP's first choice for Argon2id (19 MiB, two passes, one lane); argon2 writes them into each hash. */
const cost = { memoryCost: 19_456, timeCost: 2, parallelism: 1, outputLen: 32 } as const

/**
 * A hash that no password has, of the same cost as the real ones: where there is no user or no password, checking
 * against it takes as long, so that the duration does not tell who is known here.
 */
const nobodysHash = [
  '',
  'argon2id',
  'v=19',
  `m=${cost.memoryCost},t=${cost.timeCost},p=${cost.parallelism}`,
  Buffer.from('nobody has this.').toString('base64').replaceAll('=', ''),
  Buffer.alloc(cost.outputLen).toString('base64').replaceAll('=', ''),
].join('$')

/** The native module is loaded with the first password: most sign-ins have none. */
const loadArgon2 = () => import('@node-rs/argon2')

/**
 * Hashes a password for keeping, off the main thread.
 *
 * @throws {LatchkeyError} `password_too_long`, `password_empty`
 */
export async function hashPassword(password: string): Promise<string> {
  const text = normalisePassword(password)
  if (text === '') throw passwordErrors.password_empty()
  if (isTooLong(text)) throw passwordErrors.password_too_long()
  const { hash } = await loadArgon2()
  return await hash(text, cost)
}

/**
 * Tells whether this is the password that was hashed; takes as long where there is no hash.
 *
 * @param kept the hash of the user's password, or undefined where there is no such user or they have none
 */
export async function verifyPassword(kept: string | undefined, password: string): Promise<boolean> {
  const { verify } = await loadArgon2()
  const text = normalisePassword(password)
  // A password that nobody can have is checked like any other, only shorter.
  const isRight = await verify(kept ?? nobodysHash, isTooLong(text) ? '' : text)
  return isRight && kept !== undefined && !isTooLong(text) && text !== ''
}

/** Tells whether a hash was made at another cost than today's, so that it is made anew at the next sign-in. */
export async function isPasswordHashOutdated(kept: string): Promise<boolean> {
  const { parseOptions } = await loadArgon2()
  const made = parseOptions(kept)
  return made.memoryCost !== cost.memoryCost || made.timeCost !== cost.timeCost || made.parallelism !== cost.parallelism
}

/** The same password typed on another keyboard may arrive composed differently (NIST SP 800-63B §5.1.1.2). */
function normalisePassword(password: string): string {
  return password.normalize('NFKC')
}

function isTooLong(text: string): boolean {
  return text.length > maxPasswordLength
}
