/** What an event means, and what each dialect calls it. */
export type EventDescription = {
  description: string
  /** The event type in Okta's System Log, where one fits. */
  okta: string | null
}

const event = (description: string, okta: string | null): EventDescription => ({ description, okta })

const signIn = {
  'session.started': event('A user signed in and a session began.', 'user.session.start'),
  'session.strengthened': event(
    'A user proved another authenticator in a session.',
    'user.authentication.auth_via_mfa',
  ),
  'session.ended': event('A session was ended.', 'user.session.end'),
  'session.expired': event('A session reached the end of its life.', 'user.session.expire'),
  'sessions.ended': event('All sessions of a user were ended.', 'user.session.clear'),
  'sign-in.refused': event('An attempt to sign in was refused.', 'user.session.start'),
  'sign-up.refused': event('An attempt to create an account was refused.', 'user.lifecycle.create'),
  'policy.evaluated': event('A sign-on policy decided about an attempt to sign in.', 'policy.evaluate_sign_on'),
  'logout.finished': event('A client signed its user out.', 'user.authentication.slo'),
  'logout.refused': event('A request to sign out was refused.', 'user.authentication.slo'),
} as const

const authenticators = {
  'passkey.created': event('A passkey was added to a user.', 'user.mfa.factor.activate'),
  'passkey.removed': event('A passkey was removed from a user.', 'user.mfa.factor.deactivate'),
  'passkey.renamed': event('A passkey got another name.', 'user.mfa.factor.update'),
  'passkey.used': event('A passkey proved who a user is.', 'user.authentication.auth_via_mfa'),
  'passkey.refused': event('A passkey was not accepted.', 'user.authentication.auth_via_mfa'),
  'passkey.count-decreased': event('A sign count did not grow: the passkey may have been copied.', 'user.risk.detect'),
  'email-code.sent': event('A code was sent to an address.', 'system.email.send_factor_verify_message'),
  'email-code.accepted': event('A code from an e-mail was accepted.', 'system.email.challenge_factor_redeemed'),
  'email-code.refused': event('A code from an e-mail was refused.', 'user.authentication.auth_via_mfa'),
  'password.accepted': event('A password was accepted.', 'user.authentication.verify'),
  'password.changed': event('A password was set.', 'user.account.update_password'),
  'password.removed': event('A password was taken away.', 'user.account.update_password'),
  'password.refused': event('A password was refused.', 'user.authentication.verify'),
} as const

const users = {
  'user.created': event('A user was created.', 'user.lifecycle.create'),
  'user.updated': event("A user's profile was changed.", 'user.account.update_profile'),
  'user.activated': event('A user was activated.', 'user.lifecycle.activate'),
  'user.suspended': event('A user was suspended.', 'user.lifecycle.suspend'),
  'user.unsuspended': event('A suspended user may sign in again.', 'user.lifecycle.unsuspend'),
  'user.locked': event('A user was locked out.', 'user.account.lock'),
  'user.unlocked': event('A user was unlocked.', 'user.account.unlock'),
  'user.deactivated': event('A user was deactivated.', 'user.lifecycle.deactivate'),
  'user.deleted': event('A user was deleted.', 'user.lifecycle.delete.completed'),
  'address.verified': event('A user proved that an address is theirs.', 'user.account.update_primary_email'),
  'address.removed': event('An address was removed from a user.', null),
  'group.created': event('A group was created.', 'group.lifecycle.create'),
  'group.updated': event('A group was changed.', 'group.profile.update'),
  'group.deleted': event('A group was deleted.', 'group.lifecycle.delete'),
  'group.member-added': event('A user was added to a group.', 'group.user_membership.add'),
  'group.member-removed': event('A user was removed from a group.', 'group.user_membership.remove'),
  'role.granted': event('A user was given an administrator role.', 'user.account.privilege.grant'),
  'role.revoked': event('An administrator role was taken from a user.', 'user.account.privilege.revoke'),
} as const

const authorization = {
  'authorize.refused': event('An authorization request was refused.', 'app.oauth2.as.authorize'),
  'grant.created': event('A client was authorized.', 'app.oauth2.as.authorize.code'),
  'grant.revoked': event('An authorization was revoked.', 'app.oauth2.as.token.revoke'),
  'consent.given': event('A user consented to scopes of a client.', 'app.oauth2.as.consent.grant'),
  'consent.denied': event('A user denied a client its scopes.', 'app.oauth2.as.authorize.scope_denied'),
  'consent.revoked': event('A user took a consent back.', 'app.oauth2.as.consent.revoke'),
  'authorization-code.reused': event('An authorization code came a second time.', 'app.oauth2.as.token.detect_reuse'),
  'refresh-token.reused': event('A refresh token came a second time.', 'app.oauth2.as.token.detect_reuse'),
  'token.issued': event('Tokens were issued.', 'app.oauth2.as.token.grant'),
  'token.refused': event('A token request was refused.', 'app.oauth2.as.token.grant'),
  'token.revoked': event('A token was revoked.', 'app.oauth2.as.token.revoke'),
  'client-authentication.refused': event('A client failed to prove itself.', 'app.oauth2.invalid_client_credentials'),
} as const

const setUp = {
  'org.created': event('An org was created.', 'system.org.lifecycle.create'),
  'org.updated': event("An org's settings were changed.", null),
  'directory.saved': event('A directory was created or changed.', null),
  'policy.saved': event('A policy was created or changed.', 'policy.lifecycle.update'),
  'authorization-server.saved': event('An authorization server was created or changed.', null),
  'client.created': event('A client was created.', 'app.oauth2.client.lifecycle.create'),
  'client.updated': event('A client was changed.', 'app.oauth2.client.lifecycle.update'),
  'client.activated': event('A client was activated.', 'app.oauth2.client.lifecycle.activate'),
  'client.deactivated': event('A client was deactivated.', 'app.oauth2.client.lifecycle.deactivate'),
  'client-registration.refused': event(
    'A registration of a client, or a change of one, was refused.',
    'app.oauth2.client.lifecycle.update',
  ),
  'client.deleted': event('A client was deleted.', 'app.oauth2.client.lifecycle.delete'),
  'key.created': event('A signing key was made.', null),
  'secrets.renewed': event('What lies encrypted was encrypted with the newest secret key.', null),
  'key.rotated': event('A signing key gave way to the next.', 'app.oauth2.as.key.rollover'),
  'api-token.created': event('An API token was created.', 'system.api_token.create'),
  'api-token.revoked': event('An API token was revoked.', 'system.api_token.revoke'),
  'trusted-origin.saved': event('A trusted origin was created or changed.', 'security.trusted_origin.update'),
  'trusted-origin.deleted': event('A trusted origin was deleted.', 'security.trusted_origin.delete'),
  'admin.created': event('The first administrator was created.', 'user.account.privilege.grant'),
  'setup.refused': event('An attempt to set up the first administrator was refused.', null),
  'blueprint.applied': event('A blueprint was applied.', null),
  'blueprint.refused': event('A blueprint was refused.', null),
} as const

const ground = {
  'request.refused': event('A request was refused before it reached its endpoint.', 'security.request.blocked'),
  'limit.reached': event('Too many attempts were made.', 'system.client.rate_limit.violation'),
  'mail.sent': event('A message was handed to the mail server.', 'system.email.delivery'),
  'mail.failed': event('A message could not be handed to the mail server.', 'system.email.delivery'),
} as const

/** Every event there is. A name says what happened to what; it is never renamed, since logs outlive releases. */
export const catalog = { ...signIn, ...authenticators, ...users, ...authorization, ...setUp, ...ground } as const

export type EventName = keyof typeof catalog
