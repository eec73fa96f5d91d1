import { scopeOfClaim } from '../../../authorization/index.ts'
import type { Client } from '../../../records/clients/index.ts'
import type { RequestedClaims } from '../../../records/grants/index.ts'
import { type ClaimsParameter, parseClaims } from './schema.ts'

type Values = { values: Readonly<Record<string, string>> }
type Requested = NonNullable<ClaimsParameter['id_token']>[string]

function parameterOf({ values }: Values): ClaimsParameter {
  return (values.claims === undefined ? undefined : parseClaims(values.claims)) ?? {}
}

const valuesOf = (requested: Requested | undefined): unknown[] => [
  ...(requested?.value === undefined ? [] : [requested.value]),
  ...(requested?.values ?? []),
]

/** Tells whether the client can do nothing with a sign-in that reaches none of its contexts (Core §5.5.1.1). */
export function isContextEssential(asked: Values): boolean {
  const acr = parameterOf(asked).id_token?.acr
  return acr?.essential === true && valuesOf(acr).length > 0
}

/** The contexts that have to be reached; those of a wish are left to `acr_values`. */
export function essentialContexts(asked: Values): string[] {
  if (!isContextEssential(asked)) return []
  return valuesOf(parameterOf(asked).id_token?.acr).filter((value) => typeof value === 'string')
}

/** The user that the ID token has to be about, where the client names one. */
export function requiredSubject(asked: Values): string | undefined {
  const [subject] = valuesOf(parameterOf(asked).id_token?.sub)
  return typeof subject === 'string' ? subject : undefined
}

/**
 * The claims that are asked for by name and may be given: their scope is one that the client may ask for, and people
 * either allowed that scope or are not asked about this client at all.
 */
export function requestedClaims(
  asked: Values & { client: Client },
  granted: readonly string[],
): RequestedClaims | undefined {
  const { scopes: allowed, consent } = asked.client
  const mayGive = (name: string) => {
    const scope = scopeOfClaim(name)
    if (scope === undefined || (allowed && !allowed.includes(scope))) return false
    return consent === 'trusted' || granted.includes(scope)
  }
  const { id_token: idToken = {}, userinfo = {} } = parameterOf(asked)
  const names = { idToken: Object.keys(idToken).filter(mayGive), userinfo: Object.keys(userinfo).filter(mayGive) }
  return names.idToken.length + names.userinfo.length > 0 ? names : undefined
}
