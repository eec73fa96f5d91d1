const shape = /^\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(?:Z|[+-]\d{2}:?\d{2})?)?$/

/** Reads an ISO 8601 time as milliseconds since the epoch; one without an offset is in UTC. */
export function parseTime(text: string): number | undefined {
  if (!shape.test(text)) return undefined
  const [date = '', time] = text.split('T')
  if (time === undefined) return known(Date.parse(`${date}T00:00:00Z`))
  const hasOffset = /(?:Z|[+-]\d{2}:?\d{2})$/.test(time)
  const offset = time.replace(/([+-]\d{2})(\d{2})$/, '$1:$2')
  return known(Date.parse(`${date}T${hasOffset ? offset : `${time}Z`}`))
}

const known = (time: number) => (Number.isNaN(time) ? undefined : time)
