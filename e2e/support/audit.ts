import { DatabaseSync } from 'node:sqlite'

export type AuditEvent = {
  type: string
  outcome: string
  reason: string | null
  userId: string | null
  clientId: string | null
  details: Readonly<Record<string, unknown>>
}

/** Reads the audit from outside, as an operator could: the file is opened for reading only. */
export function readAudit(file: string): AuditEvent[] {
  const database = new DatabaseSync(file, { readOnly: true })
  try {
    const rows = database
      .prepare('SELECT type, outcome, reason, user_id, client_id, details FROM event ORDER BY at, id')
      .all()
    return rows.map(({ type, outcome, reason, user_id, client_id, details }) => ({
      type: String(type),
      outcome: String(outcome),
      reason: textOf(reason),
      userId: textOf(user_id),
      clientId: textOf(client_id),
      details: JSON.parse(String(details)),
    }))
  } finally {
    database.close()
  }
}

const textOf = (value: unknown) => (typeof value === 'string' ? value : null)
