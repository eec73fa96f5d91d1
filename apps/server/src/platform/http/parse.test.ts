import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { defineErrors } from '../errors.ts'
import { parseForm } from './form.ts'
import { parseInput } from './parse.ts'

const schema = z.object({ name: z.string().min(1), age: z.coerce.number().int().optional() })

describe('Input from outside', () => {
  test('is given as the schema has it', () => {
    expect(parseInput(schema, { name: 'Ada', age: '36' })).toEqual({ name: 'Ada', age: 36 })
    expect(parseInput(schema, parseForm('name=Ada&more=1'))).toEqual({ name: 'Ada' })
  })

  test.each([
    [{}, 'name'],
    [{ name: '' }, 'name'],
    [{ name: 'Ada', age: 'old' }, 'age'],
    [undefined, ''],
    ['text', ''],
    [null, ''],
  ])('is refused by the first member that is wrong: %j', (input, path) => {
    expect(() => parseInput(schema, input)).toThrow(
      expect.objectContaining({ code: 'invalid_request', status: 400, details: { path } }),
    )
  })

  test('is refused where a name comes twice and one value belongs', () => {
    expect(() => parseInput(schema, parseForm('name=Ada&name=Bob'))).toThrow(
      expect.objectContaining({
        code: 'duplicate_parameter',
        message: "The 'name' parameter is included more than once.",
      }),
    )
  })

  test("is refused in the asking room's own words where it has some", () => {
    const errors = defineErrors({
      invalid_request: { status: 422, message: 'No.' },
      duplicate_parameter: { status: 422, message: 'Twice.' },
    })
    expect(() => parseInput(schema, {}, errors)).toThrow(expect.objectContaining({ status: 422 }))
  })

  test('never says what was sent', () => {
    const secret = z.object({ password: z.string().max(3) })
    try {
      parseInput(secret, { password: 'hunter2' })
      expect.unreachable()
    } catch (error) {
      expect(String(error)).not.toContain('hunter2')
      expect(JSON.stringify(error)).not.toContain('hunter2')
    }
  })
})
