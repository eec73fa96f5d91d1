import { expect, test } from 'vitest'
import { inTransaction } from '../platform/database/index.ts'
import { describeEachDatabase } from '../platform/database/testing.ts'
import { openVault } from '../platform/vault.ts'
import { orgServerId } from '../records/authorization-servers/index.ts'
import { type ClientId, checkClientSecret, parseClientMetadata, saveClient } from '../records/clients/index.ts'
import { listEvents } from '../records/events/index.ts'
import { ensureSigningKeys, listSigningKeys, loadPrivateKey } from '../records/keys/index.ts'
import { type OrgId, saveOrg } from '../records/orgs/index.ts'
import { renewSecrets } from './renew-secrets.ts'

const [older, newer] = ['an older secret key of 32 letters', 'a newer secret key of 32 letters.']
const org = 'default' as OrgId
const client = 'app' as ClientId
const now = () => 1_000_000

describeEachDatabase('Changing LATCHKEY_SECRET_KEY', (open) => {
  test('leaves nothing that needs the older key, once the job has run', async () => {
    const db = await open()
    const before = openVault([older])
    await inTransaction(db, (tx) =>
      saveOrg(tx, { id: org, name: 'Org', hosts: ['id.example'], settings: { brand: {} } }, now()),
    )
    await ensureSigningKeys(db, before, org, orgServerId, 'RS256', now())
    const metadata = parseClientMetadata({ client_name: 'App', redirect_uris: ['https://app.example/callback'] })
    await inTransaction(db, (tx) =>
      saveClient(tx, org, { ...metadata, id: client, secrets: ['kept well'] }, before, now()),
    )

    const job = renewSecrets({ db, vault: openVault([newer, older]), now })
    expect(await job.run()).toBe(false)

    const after = openVault([newer])
    expect(await checkClientSecret(db, after, org, client, 'kept well')).toBe(true)
    const keys = await listSigningKeys(db, org, orgServerId)
    expect(keys.length).toBeGreaterThan(1)
    for (const { id } of keys) expect((await loadPrivateKey(db, after, org, orgServerId, id)).type).toBe('private')
    const [event] = await listEvents(db, org, { limit: 10, types: ['secrets.renewed'] })
    expect(event?.details).toEqual({ keys: keys.length, clients: 1 })
  })

  test('changes and records nothing where the newest key is in use', async () => {
    const db = await open()
    const vault = openVault([newer, older])
    await inTransaction(db, (tx) =>
      saveOrg(tx, { id: org, name: 'Org', hosts: ['id.example'], settings: { brand: {} } }, now()),
    )
    await ensureSigningKeys(db, vault, org, orgServerId, 'RS256', now())
    await renewSecrets({ db, vault, now }).run()
    expect(await listEvents(db, org, { limit: 10, types: ['secrets.renewed'] })).toEqual([])
  })
})
