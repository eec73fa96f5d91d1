/**
 * oidc-provider as the peer: its own in-memory adapter, the same key size, the same client, JWT access tokens, and an
 * interaction that signs a stub account in without asking for anything.
 */
import { generateKeyPairSync } from 'node:crypto'
import { createServer } from 'node:http'
import { type KoaContext, Provider } from 'oidc-provider'
import { callback, clientId, offlineClientId } from '../contender.ts'

const port = Number(process.env.PORT)
const resource = 'https://api.example'
const scope = 'openid offline_access'

const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
const provider = new Provider(`http://localhost:${port}`, {
  clients: [clientId, offlineClientId].map((id) => ({
    client_id: id,
    token_endpoint_auth_method: 'none',
    grant_types: ['authorization_code', 'refresh_token'],
    redirect_uris: [callback],
  })),
  jwks: { keys: [{ ...privateKey.export({ format: 'jwk' }), alg: 'RS256', use: 'sig', kid: 'benchmark' }] },
  cookies: { keys: ['a secret of the benchmark'] },
  features: {
    devInteractions: { enabled: false },
    // Without a resource its access tokens are opaque, and cost no signature.
    resourceIndicators: {
      enabled: true,
      defaultResource: () => resource,
      useGrantedResource: () => true,
      getResourceServerInfo: () => ({
        scope: 'read',
        audience: resource,
        accessTokenFormat: 'jwt',
        jwt: { sign: { alg: 'RS256' } },
      }),
    },
  },
  interactions: { url: (_context: KoaContext, { uid }: { uid: string }) => `/interaction/${uid}` },
  findAccount: (_context: KoaContext, accountId: string) => ({ accountId, claims: () => ({ sub: accountId }) }),
  // By itself it gives refresh tokens only after a consent page, and everybody has consented here.
  issueRefreshToken: (_context: KoaContext, client: { clientId: string }) => client.clientId === offlineClientId,
  loadExistingGrant,
})

async function loadExistingGrant({ oidc }: KoaContext) {
  const known = oidc.session.grantIdFor(oidc.client.clientId)
  if (known !== undefined) return await oidc.provider.Grant.find(known)
  const grant = new oidc.provider.Grant({ accountId: oidc.session.accountId, clientId: oidc.client.clientId })
  grant.addOIDCScope(scope)
  grant.addResourceScope(resource, 'read')
  await grant.save()
  return grant
}

const answer = provider.callback()
let people = 0
const server = createServer((request, response) => {
  if (request.url === '/health/ready') return response.end()
  if (!request.url?.startsWith('/interaction/')) return answer(request, response)
  people += 1
  void provider.interactionFinished(request, response, { login: { accountId: `person${people}` } })
})
server.listen(port, '127.0.0.1')
