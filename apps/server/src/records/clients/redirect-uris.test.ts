import { describe, expect, test } from 'vitest'
import type { Client } from './client.ts'
import {
  isClientOrigin,
  isRegisteredPostLogoutRedirectUri,
  isRegisteredRedirectUri,
  refuseRedirectUri,
} from './redirect-uris.ts'

const uris = [
  'https://app.example.com/callback',
  'https://app.example.com:8443/cb?tenant=a',
  'https://xn--bcher-kva.example/cb',
  'http://127.0.0.1/cb',
  'http://[::1]:3000/cb',
  'http://localhost:3000/cb',
  'com.example.app:/cb',
]
const web: Pick<Client, 'applicationType' | 'redirectUris'> = { applicationType: 'web', redirectUris: uris }
const native: typeof web = { applicationType: 'native', redirectUris: uris }

describe('RFC 9700 §4.1.3 exact comparison of redirect URIs', () => {
  test.each(uris)('accepts %s, which is registered', (uri) => {
    expect(isRegisteredRedirectUri(web, uri)).toBe(true)
    expect(isRegisteredRedirectUri(native, uri)).toBe(true)
  })

  test.each([
    ['another path', 'https://app.example.com/callback2'],
    ['a longer path', 'https://app.example.com/callback/evil'],
    ['a trailing slash', 'https://app.example.com/callback/'],
    ['a missing path', 'https://app.example.com'],
    ['another case in the path', 'https://app.example.com/Callback'],
    ['another case in the host', 'https://APP.example.com/callback'],
    ['another case in the scheme', 'HTTPS://app.example.com/callback'],
    ['another scheme', 'http://app.example.com/callback'],
    ['another host', 'https://evil.example/callback'],
    ['a subdomain', 'https://evil.app.example.com/callback'],
    ['a host with the registered one in front', 'https://app.example.com.evil.example/callback'],
    ['a host with a dot at its end', 'https://app.example.com./callback'],
    ['the default port written out', 'https://app.example.com:443/callback'],
    ['another port', 'https://app.example.com:444/callback'],
    ['a user', 'https://user@app.example.com/callback'],
    ['the registered host as a user', 'https://app.example.com@evil.example/callback'],
    ['a query', 'https://app.example.com/callback?next=evil'],
    ['an empty query', 'https://app.example.com/callback?'],
    ['another query', 'https://app.example.com:8443/cb?tenant=b'],
    ['a fragment', 'https://app.example.com/callback#x'],
    ['an empty fragment', 'https://app.example.com/callback#'],
    ['a dot segment', 'https://app.example.com/./callback'],
    ['a way back up', 'https://app.example.com/x/../callback'],
    ['an encoded way back up', 'https://app.example.com/x/%2e%2e/callback'],
    ['an encoded slash', 'https://app.example.com%2fcallback'],
    ['an encoded letter', 'https://app.example.com/%63allback'],
    ['a doubled slash', 'https://app.example.com//callback'],
    ['backslashes', 'https:\\\\app.example.com\\callback'],
    ['a backslash before the user sign', 'https://evil.example\\@app.example.com/callback'],
    ['a space in front', ' https://app.example.com/callback'],
    ['a line break at the end', 'https://app.example.com/callback\n'],
    ['a tab inside', 'https://app.exam\tple.com/callback'],
    ['a NUL', 'https://app.example.com/callback\0'],
    ['no scheme', '//app.example.com/callback'],
    ['a host in letters of its own', 'https://bücher.example/cb'],
    ['a host with look-alike letters', 'https://\u0430pp.example.com/callback'],
    ['full-width letters', 'https://ａpp.example.com/callback'],
    ['another private-use scheme', 'com.example.evil:/cb'],
    ['a private-use scheme in capitals', 'COM.example.app:/cb'],
    ['a private-use scheme with an authority', 'com.example.app://cb'],
    ['nothing', ''],
  ])('refuses %s', (_, uri) => {
    expect(isRegisteredRedirectUri(web, uri)).toBe(false)
    expect(isRegisteredRedirectUri(native, uri)).toBe(false)
  })
})

describe('RFC 8252 §7.3 loopback redirect URIs', () => {
  test.each([
    'http://127.0.0.1:51004/cb',
    'http://127.0.0.1:1/cb',
    'http://127.0.0.1:65535/cb',
    'http://[::1]/cb',
    'http://[::1]:40000/cb',
    'http://localhost/cb',
    'http://localhost:40000/cb',
  ])('accepts %s for a native client that registered another port', (uri) => {
    expect(isRegisteredRedirectUri(native, uri)).toBe(true)
  })

  test.each(['web', 'browser', 'service'] as const)('leaves no port open to a %s client', (applicationType) => {
    expect(isRegisteredRedirectUri({ ...web, applicationType }, 'http://127.0.0.1:51004/cb')).toBe(false)
  })

  test('leaves localhost to those who registered it', () => {
    const client = { ...native, redirectUris: ['http://127.0.0.1/cb'] }
    expect(isRegisteredRedirectUri(client, 'http://localhost:3000/cb')).toBe(false)
    expect(isRegisteredRedirectUri(client, 'http://[::1]:3000/cb')).toBe(false)
  })

  test.each([
    ['https', 'https://127.0.0.1:51004/cb'],
    ['another path', 'http://127.0.0.1:51004/evil'],
    ['a trailing slash', 'http://127.0.0.1:51004/cb/'],
    ['a query', 'http://127.0.0.1:51004/cb?x=1'],
    ['a fragment', 'http://127.0.0.1:51004/cb#'],
    ['another loopback address', 'http://127.0.0.2:51004/cb'],
    ['another way to write it', 'http://127.1:51004/cb'],
    ['a number', 'http://2130706433:51004/cb'],
    ['the long form of ::1', 'http://[0:0:0:0:0:0:0:1]:51004/cb'],
    ['an IPv4 address in IPv6', 'http://[::ffff:127.0.0.1]:51004/cb'],
    ['a name that begins with it', 'http://127.0.0.1.evil.example/cb'],
    ['a port that is a password', 'http://127.0.0.1:80@evil.example/cb'],
    ['an empty port', 'http://127.0.0.1:/cb'],
    ['port 0', 'http://127.0.0.1:0/cb'],
    ['a port with a zero in front', 'http://127.0.0.1:080/cb'],
    ['a port that does not exist', 'http://127.0.0.1:65536/cb'],
    ['a port of letters', 'http://127.0.0.1:8o80/cb'],
    ['a user', 'http://user@127.0.0.1:51004/cb'],
    ['capitals', 'HTTP://127.0.0.1:51004/cb'],
    ['localhost in capitals', 'http://LOCALHOST:51004/cb'],
    ['a dot after localhost', 'http://localhost.:51004/cb'],
    ['a name below localhost', 'http://evil.localhost:51004/cb'],
    ['a line break at the end', 'http://127.0.0.1:51004/cb\n'],
  ])('refuses %s', (_, uri) => {
    expect(isRegisteredRedirectUri(native, uri)).toBe(false)
  })
})

describe('Post-logout redirect URIs', () => {
  test('are compared exactly, the port of a loopback address too', () => {
    const client = { postLogoutRedirectUris: ['https://app.example.com/bye', 'http://127.0.0.1/bye'] }
    expect(isRegisteredPostLogoutRedirectUri(client, 'https://app.example.com/bye')).toBe(true)
    expect(isRegisteredPostLogoutRedirectUri(client, 'https://app.example.com/bye/')).toBe(false)
    expect(isRegisteredPostLogoutRedirectUri(client, 'http://127.0.0.1:3000/bye')).toBe(false)
  })
})

describe('The origins of a client', () => {
  test.each([
    ['https://app.example.com', true],
    ['https://app.example.com:8443', true],
    ['http://localhost:3000', true],
    ['http://localhost:3001', false],
    ['http://app.example.com', false],
    ['https://evil.example', false],
    ['https://app.example.com/', false],
    ['null', false],
    ['', false],
  ])('%j: %s', (origin, isTheirs) => {
    expect(isClientOrigin(native, origin)).toBe(isTheirs)
  })
})

describe('A redirect URI to be registered', () => {
  test.each([
    ...uris,
    'https://app.example.com',
    'https://app.example.com/a%20b/%7Euser;v=1',
    'http://app.localhost:3000/cb',
    'yourApp:/callback',
    'com.example.app://host/path',
  ])('may be %s', (uri) => {
    expect(refuseRedirectUri(uri)).toBeUndefined()
  })

  test.each([
    ['/callback', 'must be an absolute URI'],
    ['https:/app.example.com/cb', 'must be an absolute URI'],
    ['https:app.example.com', 'must be an absolute URI'],
    ['https://app.example.com/cb#x', 'must not have a fragment'],
    ['https://app.example.com/cb#', 'must not have a fragment'],
    ['https://*.example.com/cb', 'must not have a wildcard'],
    ['https://user@app.example.com/cb', 'must not name a user'],
    ['https://:secret@app.example.com/cb', 'must not name a user'],
    ['https://@app.example.com/cb', 'must not name a user'],
    ['https://app.example.com/a/../cb', 'must not have "." or ".." in its path'],
    ['https://app.example.com/a/%2E./cb', 'must not have "." or ".." in its path'],
    ['http://app.example.com/cb', 'must use https, except on loopback addresses'],
    ['http://localhost.evil.example/cb', 'must use https, except on loopback addresses'],
    ['javascript:alert(1)//', 'must use https, loopback http or a private-use scheme'],
    ['JavaScript:/alert(1)', 'must use https, loopback http or a private-use scheme'],
    ['data:text/html,x', 'must use https, loopback http or a private-use scheme'],
    ['blob:https://app.example.com/x', 'must use https, loopback http or a private-use scheme'],
    ['file:///etc/passwd', 'must use https, loopback http or a private-use scheme'],
    ['localhost:3000/cb', 'must have a slash after its private-use scheme'],
    ['https://app.example.com\\cb', 'must be written with the characters of RFC 3986, host names in punycode'],
    ['https://bücher.example/cb', 'must be written with the characters of RFC 3986, host names in punycode'],
    ['https://app.example.com/a b', 'must be written with the characters of RFC 3986, host names in punycode'],
    ['https://app.example.com/cb\n', 'must be written with the characters of RFC 3986, host names in punycode'],
  ])('%j is refused: it %s', (uri, reason) => {
    expect(refuseRedirectUri(uri)).toBe(reason)
  })
})
