/** Users and passkeys for tests. */
import { randomBytes } from 'node:crypto'
import { type Database, inTransaction } from '../../platform/database/index.ts'
import { newId } from '../../platform/ids.ts'
import { getDefaultDirectory, newDirectoryId, saveDirectory } from '../directories/index.ts'
import type { OrgId } from '../orgs/index.ts'
import { makeOrg, testTime } from '../orgs/testing.ts'
import { insertUser, type UserId } from '../users/index.ts'
import type { StoredCredential } from './credential.ts'

/** Makes an org that no other test has, with its default directory. */
export async function makeOrgWithDirectory(db: Database): Promise<OrgId> {
  const org = await makeOrg(db)
  const directory = { id: newDirectoryId(), name: 'People' }
  await inTransaction(db, (tx) => saveDirectory(tx, org, directory, testTime))
  return org
}

export async function makeUser(db: Database, org: OrgId): Promise<UserId> {
  const { id: directoryId } = await getDefaultDirectory(db, org)
  const login = `${newId('tst')}@example.com`
  const input = { directoryId, status: 'active', profile: { login, email: login } } as const
  return (await inTransaction(db, (tx) => insertUser(tx, org, input, testTime))).id
}

/** Makes a passkey of a user's, not kept yet. */
export function makeCredential(userId: UserId, overrides: Partial<StoredCredential> = {}): StoredCredential {
  return {
    id: randomBytes(16).toString('base64url'),
    rpId: 'example.com',
    userHandle: userId,
    publicKey: new Uint8Array(randomBytes(77)),
    algorithm: -7,
    signCount: 5,
    backupEligible: true,
    backupState: false,
    uvInitialized: false,
    transports: ['internal', 'hybrid'],
    aaguid: '00000000-0000-0000-0000-000000000000',
    attachment: 'platform',
    discoverable: true,
    attestation: { format: 'none', type: 'none', trusted: false },
    userId,
    name: 'My laptop',
    createdAutomatically: false,
    createdAt: testTime,
    lastUsedAt: null,
    lastUsedUserAgent: null,
    ...overrides,
  }
}
