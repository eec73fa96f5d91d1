import type { Authentication } from './session.ts'

/** When the user last proved who they are (milliseconds; the claim `auth_time` is in seconds). */
export function authTimeOf(session: { readonly authentications: readonly Authentication[] }): number {
  return Math.max(...session.authentications.map(({ at }) => at))
}

/** Adds new proofs to those that a session has: the latest of each method stays. */
export function mergeAuthentications(
  known: readonly Authentication[],
  added: readonly Authentication[],
): Authentication[] {
  const merged = new Map<string, Authentication>()
  for (const authentication of [...known, ...added].toSorted((a, b) => a.at - b.at)) {
    merged.set(`${authentication.method} ${authentication.identityProvider ?? ''}`, authentication)
  }
  return [...merged.values()].toSorted((a, b) => a.at - b.at)
}

/**
 * Names the methods behind a session as RFC 8176 and Okta do.
 *
 * A passkey is `hwk` where it cannot leave its device and `swk` where it is synced; `mfa` stands beside two factors.
 */
export function amrOf(authentications: readonly Authentication[]): string[] {
  const names = authentications.flatMap(nameOf)
  if (factorsOf(authentications).size >= 2) names.push('mfa')
  return [...new Set(names)]
}

function nameOf({ method, deviceBound }: Authentication): string[] {
  if (method === 'passkey') return [deviceBound ? 'hwk' : 'swk']
  if (method === 'password') return ['pwd']
  if (method === 'email-code' || method === 'setup-code') return ['otp']
  // What another identity provider asked for is its to say.
  return []
}

type Factor = 'possession' | 'knowledge or inherence'

/** Two proofs of the same kind are one factor: a passkey without user verification and a code by mail, say. */
function factorsOf(authentications: readonly Authentication[]): ReadonlySet<Factor> {
  const factors = new Set<Factor>()
  for (const { method, userVerified } of authentications) {
    if (method === 'passkey' || method === 'email-code' || method === 'setup-code') factors.add('possession')
    if (method === 'password' || (method === 'passkey' && userVerified)) factors.add('knowledge or inherence')
  }
  return factors
}

type Authentications = readonly Authentication[]

const isPasskey = ({ method }: Authentication) => method === 'passkey'
const hasTwoFactors = (all: Authentications) => factorsOf(all).size >= 2

/** How sure one can be of who somebody is, in our own words. */
export type Assurance = 'device-bound' | 'phishing-resistant' | 'two' | 'password' | 'any'

const reaches: Readonly<Record<Assurance, (all: Authentications) => boolean>> = {
  'device-bound': (all) => all.some((one) => isPasskey(one) && one.deviceBound === true),
  'phishing-resistant': (all) => all.some(isPasskey),
  two: hasTwoFactors,
  password: (all) => all.some(({ method }) => method === 'password'),
  any: (all) => all.length > 0,
}

/** Tells whether the authentications give this much assurance. */
export function reachesAssurance(authentications: Authentications, assurance: Assurance): boolean {
  return reaches[assurance](authentications)
}

/** The authentication contexts that clients may ask for, strongest first (OpenID EAP ACR values; Okta's own names). */
const contexts: readonly (readonly [acr: string, assurance: Assurance])[] = [
  ['phrh', 'device-bound'],
  ['phr', 'phishing-resistant'],
  ['urn:okta:loa:2fa:any', 'two'],
  // "If possible": asks for the second factor where the user has one, which is the policy's to know, and passes.
  ['urn:okta:loa:2fa:any:ifpossible', 'any'],
  ['urn:okta:loa:1fa:pwd', 'password'],
  ['urn:okta:loa:1fa:any', 'any'],
]

export const acrNames: readonly string[] = contexts.map(([acr]) => acr)

/** What a context means; undefined for one that nobody here knows. */
export function assuranceOf(acr: string): Assurance | undefined {
  return contexts.find(([name]) => name === acr)?.[1]
}

/** Tells whether the authentications reach a context that a client asks for; an unknown context is never reached. */
export function satisfiesAcr(authentications: Authentications, acr: string): boolean {
  const assurance = assuranceOf(acr)
  return assurance !== undefined && reaches[assurance](authentications)
}

/** The strongest context that the authentications reach, for tokens whose client asked for none. */
export function acrOf(authentications: Authentications): string {
  const found = contexts.find(
    ([name, assurance]) => !name.endsWith('ifpossible') && reaches[assurance](authentications),
  )
  return found?.[0] ?? 'urn:okta:loa:1fa:any'
}
