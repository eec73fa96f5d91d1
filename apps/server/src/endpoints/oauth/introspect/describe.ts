import type { LiveToken } from '../../../authorization/index.ts'

/** RFC 7662 §2.2, with the members that Okta has. */
export function describeLiveToken(live: LiveToken): Readonly<Record<string, unknown>> {
  switch (live.kind) {
    case 'access':
      return describeAccessToken(live)
    case 'id':
      return describeIdToken(live)
    case 'refresh':
      return describeRefreshToken(live)
  }
}

function describeAccessToken({ claims, user }: Extract<LiveToken, { kind: 'access' }>) {
  const { scp, cid, uid, exp, iat, sub, aud, iss, jti, cnf } = claims
  return {
    active: true,
    token_type: cnf ? 'DPoP' : 'Bearer',
    scope: scp.join(' '),
    client_id: cid,
    ...(user && { username: user.login }),
    exp,
    iat,
    sub,
    aud,
    iss,
    jti,
    ...(uid !== undefined && { uid }),
    ...(cnf && { cnf }),
  }
}

function describeIdToken({ claims, user }: Extract<LiveToken, { kind: 'id' }>) {
  const { aud, exp, iat, iss, jti, sub } = claims
  return { active: true, client_id: aud, username: user.login, exp, iat, sub, aud, iss, jti }
}

function describeRefreshToken({ grant, user, expiresAt }: Extract<LiveToken, { kind: 'refresh' }>) {
  return {
    active: true,
    token_type: 'Bearer',
    scope: grant.scopes.join(' '),
    client_id: grant.clientId,
    username: user.login,
    exp: Math.floor(expiresAt / 1000),
    sub: user.login,
  }
}
