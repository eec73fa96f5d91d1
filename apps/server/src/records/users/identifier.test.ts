import { describe, expect, test } from 'vitest'
import { isEmail, isIdentifier, normaliseEmail, normaliseIdentifier } from './identifier.ts'

describe('An identifier', () => {
  test.each([
    ['Ada@Example.com', 'ada@example.com'],
    ['  ada  ', 'ada'],
    ['ＡＤＡ', 'ada'],
    ['Jose\u0301', 'josé'],
    ['ﬁona', 'fiona'],
    ['ΑΘΗΝΑ', 'αθηνα'],
    ['+49 30 123456', '+49 30 123456'],
    ['\u212Aelvin', 'kelvin'],
  ])('%j is compared as %j', (text, normal) => {
    expect(normaliseIdentifier(text)).toBe(normal)
    expect(normaliseIdentifier(normal)).toBe(normal)
  })

  test.each([
    ['nothing', ''],
    ['only spaces', ' \t '],
    ['NUL', 'ad\0a'],
    ['a line break inside', 'ada\nlovelace'],
    ['a control character', 'ada\u0007'],
    ['a character of no width', 'a\u200Bda'],
    ['a change of direction', 'ada\u202Eadmin'],
    ['a soft hyphen', 'a\u00ADda'],
    ['a byte order mark inside', 'a\uFEFFda'],
    ['half a surrogate pair', 'ada\uD800'],
    ['a filler that is drawn as nothing', 'ada\u3164'],
    ['a text that is too long', 'a'.repeat(255)],
    ['a text that its normal form makes too long', '\uFDFA'.repeat(50)],
  ])('refuses %s', (_, text) => {
    expect(() => normaliseIdentifier(text)).toThrow(expect.objectContaining({ code: 'identifier_invalid' }))
    expect(isIdentifier(text)).toBe(false)
  })
})

describe('An e-mail address', () => {
  test.each([
    [' Ada.Lovelace+tag@Example.COM ', 'ada.lovelace+tag@example.com'],
    ['ada@bücher.example', 'ada@xn--bcher-kva.example'],
    ['ada@localhost', 'ada@localhost'],
    ["o'brien@example.com", "o'brien@example.com"],
    ['josé@example.com', 'josé@example.com'],
    ['Jose\u0301@example.com', 'josé@example.com'],
  ])('%j is compared as %j', (text, normal) => {
    expect(normaliseEmail(text)).toBe(normal)
    expect(normaliseEmail(normal)).toBe(normal)
  })

  test.each([
    ['no @', 'ada.example.com'],
    ['nothing before the @', '@example.com'],
    ['nothing after the @', 'ada@'],
    ['two @', 'ada@home@example.com'],
    ['a space inside', 'ada lovelace@example.com'],
    ['a line break, which would add a header', 'ada@example.com\nBcc: eve@example.com'],
    ['a line break before the @', 'ada\r\n@example.com'],
    ['a comma, which would add a recipient', 'ada,eve@example.com'],
    ['angle brackets', '<ada@example.com>'],
    ['a quoted local part', '"ada"@example.com'],
    ['two dots in a row', 'a..da@example.com'],
    ['a domain of bad labels', 'ada@-example.com'],
    ['an address literal', 'ada@[192.0.2.1]'],
    ['NUL', 'ada\0@example.com'],
    ['a local part that is too long', `${'a'.repeat(65)}@example.com`],
    [
      'an address that is too long',
      `ada@${'a'.repeat(60)}.${'b'.repeat(60)}.${'c'.repeat(60)}.${'d'.repeat(63)}.example`,
    ],
  ])('refuses %s', (_, text) => {
    expect(() => normaliseEmail(text)).toThrow(expect.objectContaining({ code: 'identifier_invalid' }))
    expect(isEmail(text)).toBe(false)
  })

  test.each(['ａda@example.com', '\u212Aelvin@example.com', 'ﬁona@example.com'])(
    'refuses %j, which would be taken for the address of somebody else',
    (text) => {
      expect(() => normaliseEmail(text)).toThrow(expect.objectContaining({ code: 'identifier_invalid' }))
    },
  )

  // A mail server reads the domain as it is typed: what it takes for `example.com?.evil.example` must not prove an
  // address at example.com.
  test.each([
    ['a path', 'ada@example.com/.evil.example'],
    ['a path of the other slash', 'ada@example.com\\.evil.example'],
    ['a query', 'ada@example.com?.evil.example'],
    ['a fragment', 'ada@example.com#.evil.example'],
    ['a percent-encoded letter', 'ada@ex%61mple.com'],
    ['a tab', 'ada@exam\tple.com'],
    ['a line break', 'ada@exam\nple.com'],
    ['a soft hyphen', 'ada@ex\u00ADample.com'],
    ['a full-width letter', 'ada@ｅxample.com'],
    ['an ideographic full stop', 'ada@example。com'],
    ['a number that is an IPv4 address', 'ada@0x7f.1'],
  ])('refuses a domain that only a URL parser takes for another: %s', (_, text) => {
    expect(() => normaliseEmail(text)).toThrow(expect.objectContaining({ code: 'identifier_invalid' }))
    expect(isEmail(text)).toBe(false)
  })

  test.each([
    ['ada@BÜCHER.example', 'ada@xn--bcher-kva.example'],
    ['ada@XN--BCHER-KVA.example', 'ada@xn--bcher-kva.example'],
    ['ada@bu\u0308cher.example', 'ada@xn--bcher-kva.example'],
    ['ada@straße.example', 'ada@xn--strae-oqa.example'],
    ['ada@ΟΔΌΣ.example', 'ada@xn--pxavn9a.example'],
    ['ada@例え.テスト', 'ada@xn--r8jz45g.xn--zckzah'],
  ])('%j is compared as %j, however its domain is typed', (text, normal) => {
    expect(normaliseEmail(text)).toBe(normal)
  })

  test('keeps letters apart that only upper case makes equal', () => {
    expect(normaliseEmail('mıke@example.com')).not.toBe(normaliseEmail('mike@example.com'))
  })
})
