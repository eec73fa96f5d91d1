import { describe, expect, it } from 'vitest'
import { CborError, type CborValue, decodeCbor } from './cbor.ts'
import { encodeCbor } from './testing/index.ts'

const hex = (text: string) => Buffer.from(text.replaceAll(' ', ''), 'hex')
const decode = (text: string) => decodeCbor(hex(text))

describe('CBOR', () => {
  const values: [string, CborValue][] = [
    ['00', 0],
    ['17', 23],
    ['1818', 24],
    ['190100', 256],
    ['1a00010000', 65536],
    ['1b0000000100000000', 4294967296],
    ['20', -1],
    ['390100', -257],
    ['f4', false],
    ['f5', true],
    ['f6', null],
    ['6161', 'a'],
    ['62c3a4', 'ä'],
    ['8301f56161', [1, true, 'a']],
    ['a101f6', new Map([[1, null]])],
  ]

  it('is read', () => {
    for (const [text, value] of values) expect(decode(text)).toEqual(value)
    expect(decode('420102')).toEqual(hex('0102'))
  })

  it('comes back from the writer as it went in', () => {
    for (const [text, value] of values.filter(([text]) => !text.startsWith('1b'))) {
      expect(Buffer.from(encodeCbor(value)).toString('hex')).toBe(text)
    }
  })

  const refused: Record<string, string[]> = {
    'a longer head than needed': ['1817', '190018', '1a0000ffff', '1b00000000ffffffff', '5801 00', 'b801 0101', '3800'],
    'an indefinite length': ['5f4100ff', '7f6161ff', '9f01ff', 'bf0101ff'],
    'reserved heads': ['1c', '1d', '1e', 'fc'],
    'a tag': ['c000', 'd81800'],
    'a float, undefined or another simple value': ['f90000', 'fa00000000', 'fb0000000000000000', 'f7', 'f800', 'e0'],
    'a duplicate key': ['a201000100', 'a2616100616100'],
    'a key that is neither number nor text': ['a1f400', 'a1410000', 'a18000'],
    'text that is not UTF-8': ['61ff', '62c328'],
    'bytes that are missing': ['', '18', '4201', '6261', '8201', 'a101', 'a1'],
    'bytes after the item': ['0000', 'a0a0'],
    'a number that is not safe': ['1bffffffffffffffff', '3bffffffffffffffff'],
    'a count above the cap': ['9a000f4240', 'ba000f4240', '990101', '5affffffff'],
    'nesting that is too deep': [`${'81'.repeat(10)}00`, `${'a100'.repeat(10)}00`, '81'.repeat(100_000)],
  }
  for (const [what, texts] of Object.entries(refused)) {
    it(`is refused with ${what}`, () => {
      for (const text of texts) expect(() => decode(text), text.slice(0, 40)).toThrow(CborError)
    })
  }

  it('keeps a key named __proto__ out of every prototype', () => {
    const map = decodeCbor(encodeCbor(new Map([['__proto__', 1]])))
    expect(map).toEqual(new Map([['__proto__', 1]]))
  })
})
