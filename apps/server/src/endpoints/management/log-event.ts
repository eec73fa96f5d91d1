import { hash } from 'node:crypto'
import { isIPv6 } from 'node:net'
import { deviceName } from '../../directory/index.ts'
import type { Client } from '../../records/clients/index.ts'
import { catalog, type Event } from '../../records/events/index.ts'
import { displayName, type User } from '../../records/users/index.ts'
import { actorOf, textOf } from './logs.schema.ts'
import { isoTime } from './time.ts'

/** Whom the ids in events belong to; who is gone is not in it. */
export type Names = { readonly users: ReadonlyMap<string, User>; readonly clients: ReadonlyMap<string, Client> }

type Party = {
  id: string
  type: string
  alternateId: string | null
  displayName: string | null
  detailEntry: Readonly<Record<string, string>> | null
}

export type LogEvent = ReturnType<typeof toLogEvent>

/** Shows an event as Okta's System Log does. Members without a value are null there, not absent. */
export function toLogEvent(event: Event, eventType: string, names: Names) {
  const { requestId } = event.context
  return {
    uuid: uuidOf(event.id),
    published: isoTime(event.at),
    eventType,
    version: '0',
    severity: event.outcome === 'SUCCESS' ? 'INFO' : 'WARN',
    legacyEventType: null,
    displayMessage: catalog[event.name].description,
    actor: actor(event, names),
    client: clientOf(event),
    device: null,
    authenticationContext: {
      authenticationProvider: null,
      credentialProvider: null,
      credentialType: null,
      issuer: null,
      interface: null,
      authenticationStep: 0,
      externalSessionId: textOf(event.details.sessionId) ?? 'unknown',
      rootSessionId: textOf(event.details.sessionId) ?? 'unknown',
    },
    outcome: { result: event.outcome, reason: event.reason },
    target: targetsOf(event, names),
    transaction: { type: 'WEB', id: requestId, detail: {} },
    debugContext: { debugData: debugDataOf(event) },
    request: { ipChain: ipChainOf(event) },
    securityContext: { asNumber: null, asOrg: null, isp: null, domain: null, isProxy: null },
  }
}

/** Made of our own id, so that an event has the same one whenever it is read. */
function uuidOf(id: string): string {
  const digits = hash('sha256', `event ${id}`, 'hex')
  // RFC 9562 §5.8: version 8 is whatever its maker says.
  const parts = [digits.slice(0, 8), digits.slice(8, 12), `8${digits.slice(12, 15)}`, `8${digits.slice(15, 18)}`]
  return [...parts, digits.slice(18, 30)].join('-')
}

function actor(event: Event, names: Names): Party {
  const by = actorOf(event.details.actor)
  if (by?.userId) return userParty(by.userId, names, event)
  if (by) return party(by.id, 'SystemPrincipal', by.name, by.name)
  if (event.userId) return userParty(event.userId, names, event)
  if (event.clientId) return clientParty('PublicClientApp', event.clientId, names, event)
  return party('system', 'SystemPrincipal', 'system', 'System')
}

function targetsOf(event: Event, names: Names): Party[] {
  const { userId, clientId, details } = event
  const groupId = textOf(details.groupId)
  return [
    ...(userId ? [userParty(userId, names, event)] : []),
    ...(clientId ? [clientParty('AppInstance', clientId, names, event)] : []),
    ...(groupId ? [party(groupId, 'UserGroup', null, null)] : []),
  ]
}

function userParty(id: string, { users }: Names, event: Event): Party {
  const user = users.get(id)
  if (user) return party(id, 'User', user.login, displayName(user))
  // Who is gone is named as the event itself named them.
  const isAbout = id === event.userId
  const [login, name] = [textOf(event.details.login), textOf(event.details.displayName)]
  return party(id, 'User', (isAbout && login) || 'unknown', (isAbout && name) || 'unknown')
}

function clientParty(type: string, id: string, { clients }: Names, event: Event): Party {
  return party(id, type, id, clients.get(id)?.name ?? textOf(event.details.name) ?? 'unknown')
}

function party(id: string, type: string, alternateId: string | null, name: string | null): Party {
  return { id, type, alternateId, displayName: name, detailEntry: null }
}

function clientOf({ context: { ip, userAgent } }: Event) {
  const [browser, os] = userAgent === null ? [] : deviceName(userAgent).split(' on ')
  return {
    userAgent: {
      rawUserAgent: userAgent,
      os: os ?? 'Unknown',
      browser: os === undefined ? 'UNKNOWN' : (browser ?? 'UNKNOWN').toUpperCase(),
    },
    zone: null,
    device: os === 'iPhone' || os === 'Android' ? 'Mobile' : os === undefined ? 'Unknown' : 'Computer',
    id: null,
    ipAddress: ip,
    geographicalContext: null,
  }
}

function ipChainOf({ context: { ip } }: Event) {
  return ip === null ? [] : [{ ip, geographicalContext: null, version: isIPv6(ip) ? 'V6' : 'V4', source: null }]
}

/** What else we know, as far as it is a text, a number or a yes: Okta's own debug data is no deeper. */
function debugDataOf({ context, details }: Event): Record<string, string> {
  const entries = Object.entries(details).flatMap(([name, value]) =>
    typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? [[name, String(value)]] : [],
  )
  const route = textOf(details.route)
  return {
    ...Object.fromEntries(entries),
    ...(context.requestId !== null && { requestId: context.requestId }),
    ...(route !== undefined && { requestUri: route, url: route }),
  }
}
