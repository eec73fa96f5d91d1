import { randomBytes } from 'node:crypto'
import type { Attempt, Claims } from './sign-in.ts'

/** What the app knows of somebody who signed in. */
export type SignedIn = { idToken: string; idClaims: Claims; accessClaims: Claims }

/** What the app keeps for one browser; an app of several processes keeps it in a store that they share. */
export type Browser = {
  /** Sign-ins under way, by their state: somebody may have opened two tabs. */
  attempts: Map<string, Attempt>
  signedIn?: SignedIn
}

const maxBrowsers = 1_000
const maxAttempts = 5

/** Remembers browsers by a random cookie, the oldest forgotten first. */
export function rememberBrowsers() {
  const browsers = new Map<string, Browser>()

  function add(browser: Browser): string {
    const id = randomBytes(32).toString('base64url')
    browsers.set(id, browser)
    const oldest = browsers.size > maxBrowsers ? browsers.keys().next().value : undefined
    if (oldest !== undefined) browsers.delete(oldest)
    return id
  }

  return {
    find: (id: string | undefined) => (id === undefined ? undefined : browsers.get(id)),
    /** Notes that a sign-in began; returns the cookie's value. */
    startAttempt(id: string | undefined, attempt: Attempt): string {
      const known = id === undefined ? undefined : browsers.get(id)
      const attempts = known?.attempts ?? new Map<string, Attempt>()
      const oldest = attempts.size >= maxAttempts ? attempts.keys().next().value : undefined
      if (oldest !== undefined) attempts.delete(oldest)
      attempts.set(attempt.state, attempt)
      return known && id !== undefined ? id : add({ attempts })
    },
    /** Gives the browser a new cookie as it signs in, so that one planted before is worth nothing. */
    signIn(id: string | undefined, signedIn: SignedIn): string {
      if (id !== undefined) browsers.delete(id)
      return add({ attempts: new Map(), signedIn })
    },
    /** Forgets the browser; returns who was signed in. */
    take(id: string | undefined): SignedIn | undefined {
      const signedIn = id === undefined ? undefined : browsers.get(id)?.signedIn
      if (id !== undefined) browsers.delete(id)
      return signedIn
    },
  }
}
