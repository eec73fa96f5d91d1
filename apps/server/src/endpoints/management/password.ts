import { hashPassword } from '../../platform/password.ts'
import { evaluatePolicy } from '../../records/policies/index.ts'
import { managementErrors } from './errors.ts'
import type { House } from './house.ts'
import type { Call } from './route.ts'

/**
 * Hashes a password that an administrator gives somebody, before the transaction, which it would hold up.
 *
 * @throws {LatchkeyError} `password_too_short`, `password_too_long`
 */
export async function hashNewPassword(
  { cache }: House,
  { org }: Call,
  password: string | undefined,
): Promise<string | undefined> {
  if (password === undefined) return undefined
  const { id: directoryId } = await cache.directory(org)
  const { minLength } = evaluatePolicy(await cache.policies(org), 'password', { groups: [], directoryId })
  // Characters as people count them.
  if ([...password.normalize('NFKC')].length < minLength) throw tooShort(minLength)
  return await hashPassword(password)
}

function tooShort(minLength: number) {
  const cause = `Password requirements were not met. Password requirements: at least ${minLength} characters.`
  const details = { subject: 'password', causes: [`password: ${cause}`] }
  return managementErrors.password_too_short({ details })
}
