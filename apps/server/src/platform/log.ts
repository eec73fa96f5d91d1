import type { Logger } from 'pino'
import pino from 'pino'

export type Log = Logger

/** Names of members that hold secrets; their values never reach a log line, at the top or two levels below it. */
const secretNames = [
  ...['authorization', 'cookie', 'set-cookie', 'password', 'secret', 'client_secret', 'client_assertion', 'csrf'],
  ...['code', 'code_verifier', 'token', 'access_token', 'refresh_token', 'id_token', 'stateToken', 'sessionToken'],
]

/** Opens the structured log (one JSON object a line on standard output). */
export function openLog(options: { level: string; destination?: pino.DestinationStream }): Log {
  const settings: pino.LoggerOptions = {
    level: options.level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
    redact: {
      paths: secretNames.flatMap((name) => [`["${name}"]`, `*["${name}"]`, `*.*["${name}"]`]),
      censor: '[kept secret]',
    },
  }
  return options.destination ? pino(settings, options.destination) : pino(settings)
}
