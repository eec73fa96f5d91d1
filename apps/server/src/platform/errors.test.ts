import { describe, expect, test } from 'vitest'
import { defineErrors, isLatchkeyError, LatchkeyError } from './errors.ts'

const errors = defineErrors({
  door_shut: { status: 403, message: 'The door is shut.' },
  nobody_in: { status: 404, message: 'Nobody is in.' },
})

describe('A declared error', () => {
  test('has its code, its status and its words, and nothing else', () => {
    const error = errors.door_shut()
    expect(error).toBeInstanceOf(LatchkeyError)
    expect(error).toMatchObject({
      code: 'door_shut',
      status: 403,
      message: 'The door is shut.',
      details: {},
      audit: {},
    })
    expect(error.cause).toBeUndefined()
    expect(Object.hasOwn(error, 'cause')).toBe(false)
  })

  test('takes other words, details, a private cause and what the audit adds', () => {
    const cause = new Error('the hinge broke')
    const options = { message: 'Come back later.', details: { retryAfter: 5 }, cause, audit: { userId: '00u1' } }
    expect(errors.nobody_in(options)).toMatchObject({ code: 'nobody_in', ...options })
  })

  test('keeps its cause out of its own words', () => {
    const error = errors.door_shut({ cause: new Error('password=hunter2') })
    expect(JSON.stringify({ message: error.message, details: error.details })).not.toContain('hunter2')
  })

  test('is told from others, and by its code', () => {
    expect(isLatchkeyError(errors.door_shut())).toBe(true)
    expect(isLatchkeyError(errors.door_shut(), 'door_shut')).toBe(true)
    expect(isLatchkeyError(errors.door_shut(), 'nobody_in')).toBe(false)
    expect(isLatchkeyError(Object.assign(new Error('x'), { code: 'door_shut' }))).toBe(false)
    expect(isLatchkeyError(undefined)).toBe(false)
  })

  test('is listed with the others of its room', () => {
    expect(Object.keys(errors.declared)).toEqual(['door_shut', 'nobody_in'])
  })
})
