import { describe, expect, test } from 'vitest'
import { openLog } from './log.ts'

function capture(level = 'debug') {
  const lines: string[] = []
  return { log: openLog({ level, destination: { write: (line) => void lines.push(line) } }), lines }
}

describe('The log', () => {
  test('writes one JSON object a line, with its level in words and its time', () => {
    const { log, lines } = capture()
    log.info({ requestId: 'req1' }, 'two\nlines')
    expect(lines).toHaveLength(1)
    expect(lines[0]?.match(/\n/g)).toHaveLength(1)
    expect(JSON.parse(lines[0] ?? '')).toEqual({
      level: 'info',
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
      requestId: 'req1',
      msg: 'two\nlines',
    })
  })

  test('keeps to its level', () => {
    const { log, lines } = capture('warn')
    log.info('quiet')
    log.warn('loud')
    expect(lines.map((line) => JSON.parse(line).msg)).toEqual(['loud'])
  })

  test.each([
    ['authorization', 'cookie', 'set-cookie', 'password', 'client_secret', 'token', 'code', 'secret'],
    [
      'access_token',
      'refresh_token',
      'id_token',
      'code_verifier',
      'client_assertion',
      'stateToken',
      'sessionToken',
      'csrf',
    ],
  ])('writes no value of %s, and the like, three levels deep', (...names) => {
    for (const name of names) {
      const { log, lines } = capture()
      log.info({ [name]: 'hunter2' })
      log.info({ request: { [name]: 'hunter2' } })
      log.info({ request: { headers: { [name]: 'hunter2' } } })
      expect(lines.join('')).not.toContain('hunter2')
      expect(lines.join('').match(/\[kept secret\]/g)).toHaveLength(3)
    }
  })
})
