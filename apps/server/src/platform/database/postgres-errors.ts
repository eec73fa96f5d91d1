import { errors, retrySoon, sqlStateOf } from './errors.ts'

/** SQLSTATE codes after which the same transaction may well succeed. */
const conflict = new Set(['40001', '40P01'])
/** Too many connections, lock and statement timeouts, out of memory: the server is there, but has too much to do. */
const busy = new Set(['53300', '55P03', '57014', '53000', '53200'])
/** Shut down, crashed, starting up, read-only after a failover, idle for too long: this connection has no future. */
const gone = new Set(['57P01', '57P02', '57P03', '57P05', '25P03', '25006', '53100', '58030'])

const brokenSocket = new Set([
  'ECONNRESET',
  'ECONNREFUSED',
  'EPIPE',
  'ETIMEDOUT',
  'ENOTFOUND',
  'ENOENT',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
])

/** What `pg` says, without any code, when the connection under a query is no more. */
const brokenWords =
  /^(Connection terminated|Client has encountered a connection error|Client was closed|timeout exceeded when trying to connect|Query read timeout)/

/** Tells whether the connection must not be used again. */
export function breaksConnection(thrown: unknown): boolean {
  const state = sqlStateOf(thrown)
  if (state !== undefined) return gone.has(state) || state.startsWith('08')
  if (!(thrown instanceof Error)) return false
  if ('code' in thrown && typeof thrown.code === 'string' && brokenSocket.has(thrown.code)) return true
  return brokenWords.test(thrown.message)
}

/**
 * Tells whether a migration has changed the columns of a statement that was prepared before it.
 *
 * Such a statement fails on its connection until it is prepared again under another name.
 */
export function isStalePlan(thrown: unknown): boolean {
  return sqlStateOf(thrown) === '0A000' && thrown instanceof Error && thrown.message.includes('cached plan')
}

/** Makes what is worth a second attempt one of our retryable errors, and leaves the rest as it is. */
export function translate(thrown: unknown): unknown {
  const state = sqlStateOf(thrown) ?? ''
  const options = { cause: thrown, details: retrySoon }
  if (conflict.has(state) || isStalePlan(thrown)) return errors.database_conflict(options)
  if (busy.has(state)) return errors.database_busy(options)
  return breaksConnection(thrown) ? errors.database_unavailable(options) : thrown
}
