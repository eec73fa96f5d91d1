import { expect, test } from 'vitest'
import { normaliseHost } from './org.ts'

test.each([
  ['login.example.com', 'login.example.com'],
  ['  Login.Example.COM. ', 'login.example.com'],
  ['login.example.com:443', 'login.example.com'],
  ['login.example.com:80', 'login.example.com'],
  ['localhost:8080', 'localhost:8080'],
  ['example.com.:8080', 'example.com:8080'],
  ['[::1]:8080', '[::1]:8080'],
  ['192.0.2.1', '192.0.2.1'],
  ['bücher.example', 'xn--bcher-kva.example'],
])('A host %j is compared as %j', (text, normal) => {
  expect(normaliseHost(text)).toBe(normal)
})

test.each([
  '',
  '.',
  'user@example.com',
  'example.com/path',
  'example.com:port',
  'example.com:99999',
  'example.com:80:80',
  'exa mple.com',
  'https://example.com',
  `${'a'.repeat(254)}`,
  '::1',
])('%j is not a host', (text) => {
  expect(normaliseHost(text)).toBeUndefined()
})
