import { deviceName } from '../../directory/index.ts'
import type { AccountPasskey, AccountSession, Signals } from '../../pages/index.ts'
import type { StoredCredential } from '../../records/credentials/index.ts'
import type { Session } from '../../records/sessions/index.ts'
import { displayName, type User, userHandleOf } from '../../records/users/index.ts'

/** A passkey as its card shows it. */
export function passkeyFacts(credential: StoredCredential): AccountPasskey {
  const { id, name, aaguid, createdAt, lastUsedAt, lastUsedUserAgent, backupEligible, backupState, transports } =
    credential
  return {
    id,
    name,
    aaguid,
    createdAt,
    backupEligible,
    backedUp: backupState,
    transports,
    createdAutomatically: credential.createdAutomatically,
    ...(lastUsedAt !== null && { lastUsedAt }),
    ...(lastUsedUserAgent !== null && { lastUsedOn: deviceName(lastUsedUserAgent) }),
  }
}

export function sessionFacts(session: Session, current: Session): AccountSession {
  const { id, ip, userAgent, createdAt, lastSeenAt } = session
  return {
    id,
    isCurrent: id === current.id,
    startedAt: createdAt,
    lastActiveAt: lastSeenAt,
    ...(ip !== null && { ip }),
    ...(userAgent !== null && { browser: deviceName(userAgent) }),
  }
}

/** The whole truth about the user's passkeys for this relying party: a part of it would hide the rest. */
export function signalsFor(rpId: string, user: User, all: readonly StoredCredential[]): Signals {
  const userId = userHandleOf(user.id)
  const allAcceptedCredentialIds = all.filter((one) => one.rpId === rpId).map(({ id }) => id)
  return {
    // An empty list would hide a passkey that another relying party ID of ours may know.
    ...(allAcceptedCredentialIds.length > 0 && { allAcceptedCredentials: { rpId, userId, allAcceptedCredentialIds } }),
    currentUserDetails: { rpId, userId, name: user.login, displayName: displayName(user) },
  }
}
