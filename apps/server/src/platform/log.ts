import type { Logger } from 'pino'
import pino from 'pino'

export type Log = Logger

/** Names of members that hold secrets; their values never reach a log line, however deep they hide. */
const secretNames = ['authorization', 'cookie', 'password', 'client_secret', 'token', 'code', 'secret', 'set-cookie']

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
