import type { MountedRoute } from '../../platform/http/index.ts'
import type { Target } from './target.ts'

/** A request that nobody honest sends. */
export type Hostile = {
  name: string
  method: string
  path: string
  headers?: Readonly<Record<string, string>>
  body?: string | Buffer
  /** Nothing but a refusal will do; otherwise the request may be harmless where the route does not look at that part. */
  isMalformed: boolean
}

const json = { 'content-type': 'application/json' }
const form = { 'content-type': 'application/x-www-form-urlencoded' }
const bodyLimit = 64 * 1024

/** Every hostile request to one route: made of what the route itself says, so that new routes are attacked too. */
export function hostileRequests(route: MountedRoute, target: Target): Hostile[] {
  return target
    .pathsTo(route.url)
    .flatMap((path) => [
      ...wrongMethods(route, path),
      ...route.methods.filter((method) => method !== 'OPTIONS').flatMap((method) => hostileQueries(method, path)),
      ...route.methods
        .filter((method) => withBody.includes(method))
        .flatMap((method) => hostileBodies(method, path, target)),
      ...hostileParameters(route),
    ])
}

const withBody: readonly string[] = ['POST', 'PUT', 'PATCH']

function wrongMethods({ methods }: MountedRoute, path: string): Hostile[] {
  return ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE', 'PROPFIND', 'QUERY']
    .filter((method) => !methods.includes(method))
    .map((method) => ({ name: `method ${method}`, method, path, isMalformed: true }))
}

function hostileQueries(method: string, path: string): Hostile[] {
  const queries: [name: string, query: string, isMalformed: boolean][] = [
    ['broken percent-encoding', 'a=%zz', true],
    ['percent-encoding cut off', 'a=%2', true],
    ['bytes that are not UTF-8', 'a=%ff%fe', true],
    ['an overlong encoding', 'a=%c0%af', true],
    ['half a surrogate pair', 'a=%ed%a0%80', true],
    ['NUL', 'a=%00', true],
    ['NUL in a name', 'a%00b=1', true],
    ['a parameter twice', 'a=1&a=2', false],
    ['every known parameter twice', known.map((name) => `${name}=1&${name}=2`).join('&'), false],
    ['lists and objects in names', known.map((name) => `${name}[]=1&${name}[x]=2`).join('&'), false],
    ['names of prototypes', '__proto__=1&__proto__[x]=1&constructor=1&toString=1&hasOwnProperty=1', false],
    ['thousands of names', Array.from({ length: 3_000 }, (_, index) => `n${index}`).join('&'), false],
    ['one name thousands of times', 'done&'.repeat(3_000), false],
    ['line breaks', 'a=%0d%0aset-cookie:%20x=1&done=%0d%0a', false],
    ['markup', `done=${encodeURIComponent('"><script>alert(1)</script>')}`, false],
    [
      'every known parameter with an emoji',
      known.map((name) => `${name}=${encodeURIComponent('🦹'.repeat(200))}`).join('&'),
      false,
    ],
  ]
  return queries.map(([name, query, isMalformed]) => ({
    name: `query with ${name}`,
    method,
    path: `${path}?${query}`,
    isMalformed,
  }))
}

/** What our routes read from queries. */
const known = [
  'stateToken',
  'done',
  'client_id',
  'redirect_uri',
  'scope',
  'state',
  'prompt',
  'max_age',
  'login_hint',
  'id_token_hint',
  'post_logout_redirect_uri',
  'q',
  'filter',
  'search',
  'limit',
  'after',
  'since',
  'activate',
]

function hostileBodies(method: string, path: string, target: Target): Hostile[] {
  const send = (name: string, headers: Readonly<Record<string, string>>, body: string | Buffer | undefined) => ({
    name: `body: ${name}`,
    method,
    path,
    headers: { ...target.proofFor(path), ...headers },
    ...(body !== undefined && { body }),
    isMalformed: !harmless.includes(name) && !(path.startsWith('/api/v1/') && bodyless.includes(name)),
  })
  const proof = Object.entries(target.fieldsFor(path))
  return [
    ...[
      'text/plain',
      'multipart/form-data; boundary=x',
      'application/xml',
      'text/html',
      'application/cbor',
      'a',
      '/',
      ';',
    ].map((type) => send(`as ${type}`, { 'content-type': type }, '{"a":1}')),
    ...['utf-16', 'utf-7'].map((charset) =>
      send(`JSON that says ${charset}`, { 'content-type': `application/json; charset=${charset}` }, '\ufffea'),
    ),
    send('without a type', {}, '{"a":1}'),
    send('nothing at all', {}, undefined),
    send('compressed', { ...json, 'content-encoding': 'gzip' }, Buffer.from('1f8b08', 'hex')),
    send('an empty form', form, ''),
    send('empty JSON', json, ''),
    ...[json, form].map((type) =>
      send(`larger than allowed, ${type['content-type']}`, type, `{"a":"${'x'.repeat(bodyLimit)}"}`),
    ),
    ...malformedJson.map(([name, body]) => send(`JSON ${name}`, json, body)),
    ...[
      ['with broken percent-encoding', 'a=%zz'],
      ['that is not UTF-8', Buffer.from([0x61, 0x3d, 0xff, 0xfe])],
      ['with NUL', 'a=%00'],
      ['with everything twice', [...proof, ...proof].map((pair) => pair.join('=')).join('&') || 'csrf=1&csrf=2'],
      ['with lists in names', 'csrf[]=1&code[]=1&name[x]=1'],
      ['with names of prototypes', '__proto__=1&constructor=1&__proto__[csrf]=1'],
      ['with one name thousands of times', 'csrf&'.repeat(10_000)],
    ].map(([name, body]) => send(`a form ${String(name)}`, form, body)),
  ]
}

/** What Okta's SDKs and documents send where there is nothing to say: no body, and at times its type all the same. */
const bodyless = ['nothing at all', 'empty JSON']

/** Bodies that hold nothing wrong where a route asks for nothing. */
const harmless = [
  'an empty form',
  'a form with lists in names',
  'a form with names of prototypes',
  'JSON of objects nested deeply',
  'JSON nested deeply in each member',
  'JSON with members twice',
  'JSON with huge numbers',
  'JSON with a byte order mark inside',
]

const deep = 10_000
const malformedJson: readonly (readonly [name: string, body: string | Buffer])[] = [
  ['cut off', '{"a":'],
  ['with a comma too many', '{"a":1,}'],
  ['with text behind it', '{"a":1} x'],
  ['with a comment', '{/* */"a":1}'],
  ['NaN', 'NaN'],
  ['null', 'null'],
  ['a number', '12'],
  ['a huge number', '1e999'],
  ['a string', '"a"'],
  ['true', 'true'],
  ['a list', '[]'],
  ['a list of pairs', '[["csrf","x"]]'],
  ['nested deeply', `${'['.repeat(deep)}${']'.repeat(deep)}`],
  ['of objects nested deeply', `${'{"a":'.repeat(deep)}1${'}'.repeat(deep)}`],
  ['nested deeply in each member', nested(['csrf', 'ceremony', 'response', 'mode', 'name', 'conditional'])],
  ['with __proto__', '{"__proto__":{"csrf":"x"}}'],
  ['with constructor.prototype', '{"constructor":{"prototype":{"csrf":"x"}}}'],
  ['with members twice', '{"ceremony":"a","ceremony":"b","response":1,"response":2,"name":"started","name":"x"}'],
  ['with huge numbers', '{"version":1e400,"mode":99999999999999999999,"conditional":-0}'],
  ['with NUL', '{"ceremony":"a\\u0000b","mode":"\\u0000","name":"\\u0000"}'],
  ['with half a surrogate pair', '{"ceremony":"\\ud800","mode":"\\udfff","name":"\\udc00\\ud800"}'],
  ['with a raw control character', '{"a":"\u0001"}'],
  ['that is not UTF-8', Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d])],
  ['with a byte order mark inside', '{"\ufeffa":1}'],
  ['in UTF-16', Buffer.from('{"a":1}', 'utf16le')],
]

function nested(names: readonly string[]): string {
  const levels = 4_000
  return `{${names.map((name) => `"${name}":${'['.repeat(levels)}${']'.repeat(levels)}`).join(',')}}`
}

/** What stands for a parameter of the path. */
const hostileSegments: readonly (readonly [name: string, segment: string])[] = [
  ['NUL', '%00'],
  ['NUL at the end', 'default%00'],
  ['dots up', '..%2f..%2fetc%2fpasswd'],
  ['dots up, encoded twice', '%252e%252e%252f'],
  ['a backslash', '..%5c..%5cwindows'],
  ['an emoji', encodeURIComponent('🦹')],
  ['10 KB', 'a'.repeat(10_000)],
  ['as much as fits', 'a'.repeat(1_364)],
  ['a line break', '%0d%0aset-cookie:x=1'],
  ['markup', encodeURIComponent('"><script>alert(1)</script>')],
  ['a name of a prototype', '__proto__'],
  ['another name of a prototype', 'constructor'],
  ['a quotation mark', '%22%27'],
  ['SQL', encodeURIComponent("' OR 1=1 --")],
  ['what looks like a handle', `02.${'A'.repeat(43)}`],
  ['bytes that are not UTF-8', '%ff'],
  ['broken percent-encoding', '%zz'],
]

function hostileParameters({ url, methods }: MountedRoute): Hostile[] {
  if (!url.includes(':')) return []
  return methods
    .filter((method) => method !== 'OPTIONS' && method !== 'HEAD')
    .flatMap((method) =>
      hostileSegments.map(([name, segment]) => ({
        name: `path with ${name}`,
        method,
        path: url.replaceAll(/:[A-Za-z]+/g, segment),
        ...(method === 'POST' && { headers: form, body: 'a=1' }),
        // A handle is known by its looks before it is looked up.
        isMalformed: name !== 'what looks like a handle',
      })),
    )
}
