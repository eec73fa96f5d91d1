import { describe, expect, test } from 'vitest'
import { normaliseOrigin } from './trusted-origin.ts'

describe('An origin', () => {
  test.each([
    ['https://app.example.com', 'https://app.example.com'],
    ['https://app.example.com/', 'https://app.example.com'],
    ['HTTPS://App.Example.COM', 'https://app.example.com'],
    ['https://app.example.com:443', 'https://app.example.com'],
    ['http://localhost:3000', 'http://localhost:3000'],
    ['http://[::1]:8080', 'http://[::1]:8080'],
    ['https://bücher.example', 'https://xn--bcher-kva.example'],
  ])('%s is written as %s', (text, origin) => {
    expect(normaliseOrigin(text)).toBe(origin)
  })

  test.each([
    '',
    'null',
    '*',
    'https://*.example.com',
    'app.example.com',
    '//app.example.com',
    'https:app.example.com',
    'https://',
    'https://app.example.com/path',
    'https://app.example.com//',
    'https://app.example.com?',
    'https://app.example.com#',
    'https://user@app.example.com',
    'https://app.example.com\\',
    'https://app.exa\nmple.com',
    ' https://app.example.com',
    'https://app.example%2ecom',
    'https://app.example.com:99999',
    'ftp://app.example.com',
    'file:///',
    'chrome-extension://abcdef',
    'javascript:alert(1)',
  ])('is not %j', (text) => {
    expect(normaliseOrigin(text)).toBeUndefined()
  })
})
