import { createRegistrationOptions, defaultAlgorithms, verifyRegistration } from '@latchkey/webauthn'
import { type Authenticator, createAuthenticator } from '@latchkey/webauthn/testing'
import { createHouse, type House } from '../apps/server/src/app.ts'
import { provisionOwnOrg } from '../apps/server/src/commands/provision.ts'
import { readConfig } from '../apps/server/src/config.ts'
import { createUser } from '../apps/server/src/directory/index.ts'
import { inTransaction } from '../apps/server/src/platform/database/index.ts'
import { openLog } from '../apps/server/src/platform/log.ts'
import { parseClientMetadata, saveClient } from '../apps/server/src/records/clients/index.ts'
import { insertCredential } from '../apps/server/src/records/credentials/index.ts'
import { getDefaultDirectory } from '../apps/server/src/records/directories/index.ts'
import type { OrgId } from '../apps/server/src/records/orgs/index.ts'
import { callback, clientId, offlineClientId } from './contender.ts'

/** Sets up what a server finds when it starts: a trusted public client, and people who hold their passkeys here. */
export async function populate(environment: Readonly<Record<string, string>>, count: number): Promise<Authenticator[]> {
  const house = await createHouse({ config: readConfig('start', environment), log: openLog({ level: 'silent' }) })
  try {
    const org = await provisionOwnOrg(house.ground, house.config.url)
    for (const id of [clientId, offlineClientId]) await addClient(house, org, id)
    const people = Array.from({ length: count }, (_, index) => `person${index + 1}@example.com`)
    return await Promise.all(people.map((email) => addPerson(house, org, email)))
  } finally {
    await house.close()
  }
}

async function addClient({ ground }: House, org: OrgId, id: string): Promise<void> {
  const metadata = parseClientMetadata({
    client_id: id,
    client_name: 'Benchmark',
    application_type: 'web',
    token_endpoint_auth_method: 'none',
    grant_types: ['authorization_code', 'refresh_token'],
    redirect_uris: [callback],
  })
  await inTransaction(ground.db, (tx) => saveClient(tx, org, metadata, ground.vault, ground.now()))
}

/** A user with a proven address and a synced ES256 passkey, as most people have. */
async function addPerson({ ground, config }: House, org: OrgId, email: string): Promise<Authenticator> {
  const { db, now } = ground
  const directory = await getDefaultDirectory(db, org)
  const profile = { login: email, email, firstName: 'Ada', lastName: 'Byron' }
  const user = await inTransaction(db, (tx) =>
    createUser(tx, org, { directoryId: directory.id, status: 'active', profile, isEmailVerified: true }, now()),
  )
  const origin = config.url
  const rpId = new URL(origin).hostname
  const authenticator = createAuthenticator()
  const userVerification = 'required'
  const named = { id: user.id, name: email, displayName: 'Ada Byron' }
  const options = createRegistrationOptions({ rp: { id: rpId, name: 'Benchmark' }, user: named, userVerification })
  const asked = {
    challenge: options.challenge,
    rpId,
    origins: [origin],
    userVerification,
    userHandle: user.id,
  } as const
  const response = authenticator.create(options, { origin })
  const { credential } = await verifyRegistration({ response, ceremony: { ...asked, algorithms: defaultAlgorithms } })
  // Without the mail that tells its owner: a server that delivers mail would be measured with it.
  const unused = { name: 'Passkey', createdAutomatically: false, lastUsedAt: null, lastUsedUserAgent: null }
  await inTransaction(db, (tx) =>
    insertCredential(tx, org, { ...credential, ...unused, userId: user.id, createdAt: now() }),
  )
  return authenticator
}
