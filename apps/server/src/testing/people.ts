import { type Authenticator, type AuthenticatorInput, createAuthenticator } from '@latchkey/webauthn/testing'
import { addPasskey, createUser } from '../directory/index.ts'
import { inTransaction } from '../platform/database/index.ts'
import { newId } from '../platform/ids.ts'
import { hashPassword } from '../platform/password.ts'
import { getDefaultDirectory } from '../records/directories/index.ts'
import { type Role, savePasswordHash, type User, type UserId, type UserStatus } from '../records/users/index.ts'
import { finishRegistration, startRegistration } from '../sign-in/index.ts'
import type { TestOrg } from './org.ts'

export type PersonInput = {
  email?: string
  firstName?: string
  lastName?: string
  status?: UserStatus
  isEmailVerified?: boolean
  password?: string
  role?: Role
  /** Gives them a passkey on an authenticator of this kind; `true` for a synced one. */
  passkey?: boolean | AuthenticatorInput
}

export type Person = {
  readonly id: UserId
  readonly email: string
  readonly user: User
  /** Holds the passkey when there is one; new otherwise. */
  readonly authenticator: Authenticator
}

/** Makes a user as an administrator would, and a passkey by a real ceremony. */
export async function newPerson(org: TestOrg, input: PersonInput = {}): Promise<Person> {
  const { email = `${newId('tst').toLowerCase()}@example.com`, firstName, lastName, password, role } = input
  const { status = 'active', isEmailVerified = true, passkey } = input
  const { db, now } = org.house.ground
  const directory = await getDefaultDirectory(db, org.id)
  const hash = password === undefined ? undefined : await hashPassword(password)
  const profile = { login: email, email, ...(firstName && { firstName }), ...(lastName && { lastName }) }
  const user = await inTransaction(db, async (tx) => {
    const created = { directoryId: directory.id, status, profile, isEmailVerified, ...(role && { role }) }
    const user = await createUser(tx, org.id, created, now())
    if (hash !== undefined) await savePasswordHash(tx, org.id, user.id, hash, now())
    return user
  })
  const authenticator = createAuthenticator(typeof passkey === 'object' ? passkey : {})
  if (passkey) await givePasskey(org, user.id, authenticator)
  return { id: user.id, email, user, authenticator }
}

/** Creates a passkey of a user's on an authenticator, and keeps it. */
export async function givePasskey(org: TestOrg, userId: UserId, authenticator: Authenticator): Promise<void> {
  const { ground, cache } = org.house
  const current = await org.current()
  const at = ground.now()
  const registration = { deps: { ...ground, cache }, org: current, userId, boundTo: 'a test', at }
  const { ceremony, publicKey } = await startRegistration(registration)
  const response = authenticator.create(publicKey, { origin: org.url })
  const { credential } = await finishRegistration(registration, { ceremony, response })
  await inTransaction(ground.db, (tx) => addPasskey(tx, { vault: ground.vault, org: current, userId, at }, credential))
}
