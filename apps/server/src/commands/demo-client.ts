import { inTransaction } from '../platform/database/index.ts'
import type { Ground } from '../platform/ground.ts'
import { findClient, parseClientMetadata, saveClient } from '../records/clients/index.ts'
import { recordEvent } from '../records/events/index.ts'
import type { OrgId } from '../records/orgs/index.ts'

/**
 * Makes the client of the demo app when it is absent, and lets it come back to the port that the app has now.
 *
 * What somebody changed in it to try something out stays.
 */
export async function ensureDemoClient({ db, vault, now }: Ground, org: OrgId, url: string): Promise<void> {
  const [callback, signedOut] = [`${url}/callback`, `${url}/`]
  const wanted = parseClientMetadata({
    client_id: 'demo',
    client_name: 'Demo app',
    application_type: 'web',
    token_endpoint_auth_method: 'none',
    grant_types: ['authorization_code', 'refresh_token'],
    redirect_uris: [callback],
    post_logout_redirect_uris: [signedOut],
  })
  await inTransaction(db, async (tx) => {
    const at = now()
    const known = wanted.id && (await findClient(tx, org, wanted.id))
    if (known?.redirectUris.includes(callback) && known.postLogoutRedirectUris.includes(signedOut)) return
    const { outcome, client } = await saveClient(
      tx,
      org,
      known ? withAddresses(known, callback, signedOut) : wanted,
      vault,
      at,
    )
    if (outcome !== 'unchanged') await recordEvent(tx, org, `client.${outcome}`, { at, clientId: client.id })
  })
}

type Addresses = { redirectUris: readonly string[]; postLogoutRedirectUris: readonly string[] }

function withAddresses<Client extends Addresses>(client: Client, callback: string, signedOut: string): Client {
  return {
    ...client,
    redirectUris: [...new Set([...client.redirectUris, callback])],
    postLogoutRedirectUris: [...new Set([...client.postLogoutRedirectUris, signedOut])],
  }
}
