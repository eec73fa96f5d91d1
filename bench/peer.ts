import { startChild } from './child.ts'
import { authorizeUrl, type Contender, codeOf, redeem } from './contender.ts'
import { freePort, locationOf, openBrowser, openSite, waitFor } from './http.ts'
import type { Pinning } from './machine.ts'

/** Starts oidc-provider with its in-memory adapter. */
export async function startPeer(pinning: Pinning): Promise<Contender> {
  const site = openSite(await freePort())
  const { port } = new URL(site.origin)
  const child = startChild({
    program: new URL('./children/oidc-provider.ts', import.meta.url),
    environment: { PORT: port },
    pinning,
  })
  const close = async () => {
    site.close()
    await child.stop()
  }
  try {
    await Promise.race([waitFor(site, '/health/ready'), child.ended])
  } catch (failure) {
    await close()
    throw failure
  }
  const paths = { authorize: '/auth', token: '/token' }
  return {
    name: 'oidc-provider',
    child,
    site,
    paths,
    close,
    async signIn() {
      const browser = openBrowser(site)
      let answer = await browser.send(authorizeUrl({ paths }))
      // To the interaction, which signs the stub account in, back to where it was asked for, and on to the client.
      for (let hops = 0; hops < 2; hops += 1) answer = await browser.send(locationOf(answer).pathname)
      await redeem({ site, paths }, codeOf(answer))
      return browser
    },
  }
}
