import type { LatchkeyError } from '../../../platform/errors.ts'
import type { Outcome } from '../../../sign-in/index.ts'
import { oauthErrors } from '../errors.ts'

type Denied = Extract<Outcome, { kind: 'denied' }>

const denials: Readonly<Record<Denied['reason'], () => LatchkeyError>> = {
  consent_denied: () => oauthErrors.consent_denied(),
  cancelled: () => oauthErrors.sign_in_cancelled(),
  access_denied: () => oauthErrors.access_denied(),
  assurance_unreachable: () => oauthErrors.authentication_requirements_unmet(),
}

/** Why a sign-in gave the client nothing; to the client most of it is `access_denied`. */
export function denialOf({ reason }: Denied): LatchkeyError {
  return denials[reason]()
}
