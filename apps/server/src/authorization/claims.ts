import type { ClaimRule } from '../records/authorization-servers/index.ts'
import { displayName, type ProfileValue, type User } from '../records/users/index.ts'

/** What claims are made of, read once for all tokens of an answer. */
export type Facts = {
  user: User
  isEmailVerified: boolean
  /** Names of the user's groups; empty where nobody asks for them. */
  groups: readonly string[]
}

export type Claims = Record<string, unknown>

/** Claims that only the server says: no rule, hook or profile may. */
const reserved = new Set(
  'iss sub aud exp nbf iat jti ver auth_time amr acr azp idp nonce at_hash c_hash sid cid uid scp cnf act'.split(' '),
)

type StandardClaim = readonly [claim: string, value: (user: User) => unknown]

/** A profile attribute under Okta's name, or under the claim's own name for those that Okta has no attribute for. */
const attribute = (...names: string[]) => {
  return (user: User) => names.map((name) => attributeOf(user, name)).find(isPresent)
}

/** OpenID Connect Core §5.4: which scope asks for which claims. */
const claimsByScope: Readonly<Record<string, readonly StandardClaim[]>> = {
  profile: [
    ['name', displayName],
    ['given_name', attribute('firstName')],
    ['middle_name', attribute('middleName')],
    ['family_name', attribute('lastName')],
    ['nickname', attribute('nickName')],
    ['preferred_username', (user) => user.login],
    ['profile', attribute('profileUrl')],
    ['picture', attribute('picture')],
    ['website', attribute('website')],
    ['gender', attribute('gender')],
    ['birthdate', attribute('birthdate')],
    ['zoneinfo', attribute('timezone', 'zoneinfo')],
    ['locale', attribute('locale')],
    ['updated_at', (user) => Math.floor(user.updatedAt / 1000)],
  ],
  email: [['email', attribute('email')]],
  phone: [['phone_number', attribute('primaryPhone', 'mobilePhone')]],
  address: [['address', addressOf]],
}

/** The claims that this server can make, for its discovery document. */
export const standardClaimNames: readonly string[] = [
  ...Object.values(claimsByScope).flatMap((claims) => claims.map(([name]) => name)),
  'email_verified',
]

/** The user's claims that the granted scopes ask for. */
export function claimsOfScopes(scopes: readonly string[], { user, isEmailVerified, groups }: Facts): Claims {
  const claims: Claims = {}
  for (const scope of scopes) {
    for (const [name, read] of claimsByScope[scope] ?? []) {
      const value = read(user)
      if (isPresent(value)) claims[name] = value
    }
  }
  if ('email' in claims) claims.email_verified = isEmailVerified
  if (scopes.includes('groups')) claims.groups = [...groups]
  return claims
}

/** The scope that a standard claim belongs to; undefined for a name that no scope asks for. */
export function scopeOfClaim(name: string): string | undefined {
  if (name === 'email_verified') return 'email'
  return Object.keys(claimsByScope).find((scope) => claimsByScope[scope]?.some(([claim]) => claim === name))
}

/** The claims that were asked for by name (OpenID Connect Core §5.5); what the profile does not have is left out. */
export function claimsByName(names: readonly string[], facts: Facts): Claims {
  const scopes = new Set(names.flatMap((name) => scopeOfClaim(name) ?? []))
  const all = claimsOfScopes([...scopes], facts)
  return Object.fromEntries(Object.entries(all).filter(([name]) => names.includes(name)))
}

/** Where the claims of a rule go: into a token, or into the answer of the userinfo endpoint. */
export type ClaimTarget = 'access' | 'id' | 'userinfo'

/** The claims that the authorization server's own rules add; without a user, those that are the same for everyone. */
export function claimsOfRules(
  rules: readonly ClaimRule[],
  target: ClaimTarget,
  scopes: readonly string[],
  facts: Facts | undefined,
): Claims {
  const claims: Claims = {}
  for (const rule of rules) {
    if (!appliesTo(rule, target, scopes)) continue
    const value = valueOfRule(rule.value, facts)
    if (isPresent(value)) claims[rule.name] = value
  }
  return claims
}

function appliesTo(rule: ClaimRule, target: ClaimTarget, scopes: readonly string[]): boolean {
  if (reserved.has(rule.name)) return false
  if (rule.token !== (target === 'access' ? 'access' : 'id')) return false
  // A rule that is not "always" spares the ID token: its claim is fetched from the userinfo endpoint.
  if (target === 'id' && rule.always === false) return false
  return !rule.scopes?.length || rule.scopes.some((scope) => scopes.includes(scope))
}

function valueOfRule(value: ClaimRule['value'], facts: Facts | undefined): unknown {
  switch (value.kind) {
    case 'static':
      return value.value
    case 'profile':
      return facts && attributeOf(facts.user, value.attribute)
    case 'groups': {
      const matching = (facts?.groups ?? []).filter(matcherOf(value.filter))
      return matching.length > 0 ? matching : undefined
    }
  }
}

type GroupFilter = Extract<ClaimRule['value'], { kind: 'groups' }>['filter']

function matcherOf({ type, value }: GroupFilter): (name: string) => boolean {
  switch (type) {
    case 'starts_with':
      return (name) => name.startsWith(value)
    case 'equals':
      return (name) => name === value
    case 'contains':
      return (name) => name.includes(value)
    case 'regex': {
      const pattern = new RegExp(`^(?:${value})$`, 'u')
      return (name) => pattern.test(name)
    }
  }
}

/** What has to be read before claims can be made. */
export function factsNeeded(
  scopes: readonly string[],
  rules: readonly ClaimRule[],
): { email: boolean; groups: boolean } {
  return {
    email: scopes.includes('email'),
    groups: scopes.includes('groups') || rules.some((rule) => rule.value.kind === 'groups'),
  }
}

function addressOf({ profile }: User): Claims | undefined {
  const members: Readonly<Record<string, ProfileValue | undefined>> = {
    formatted: profile.postalAddress,
    street_address: profile.streetAddress,
    locality: profile.city,
    region: profile.state,
    postal_code: profile.zipCode,
    country: profile.countryCode,
  }
  const present = Object.entries(members).filter(([, value]) => isPresent(value))
  return present.length > 0 ? Object.fromEntries(present) : undefined
}

/** An attribute that the profile itself has: rules name them freely, `constructor` included. */
function attributeOf({ profile }: User, name: string): ProfileValue | undefined {
  return Object.hasOwn(profile, name) ? profile[name] : undefined
}

function isPresent(value: unknown): boolean {
  return value !== undefined && value !== null && value !== ''
}
