import { type Form, type Page, parsePage } from './page.ts'
import type { Received, Transport } from './transport.ts'

export type BrowserOptions = {
  /** The origin that the browser is at, such as `https://id.example.com`. */
  url: string
  transport: Transport
  /** The address that it comes from. */
  ip?: string
  userAgent?: string
}

/** An answer, and what the page in it says where it is one. */
export type Answer = {
  readonly status: number
  /** Where it came from: the path, after redirects where they were followed. */
  readonly path: string
  readonly text: string
  readonly page: Page
  /** The code of a refusal. */
  readonly error: string | undefined
  readonly location: string | undefined
  /** The `Set-Cookie` lines as they came. */
  readonly setCookies: readonly string[]
  header(name: string): string | undefined
  /** The body as JSON; members are the test's to know. */
  json<T = Readonly<Record<string, unknown>>>(): T
}

type Headers = Readonly<Record<string, string | undefined>>

/**
 * A browser as far as servers can tell: it keeps cookies, says where a form comes from, and follows redirects when
 * told to. `page` is where it is.
 */
export type Browser = {
  readonly url: string
  /** Cookies by their full names. A test may plant or take one. */
  readonly cookies: Map<string, string>
  /** The answer that it shows. */
  readonly at: Answer
  /** One request, as it is: no redirect followed, nothing shown. */
  request(method: string, path: string, options?: { headers?: Headers; body?: string | Buffer }): Promise<Answer>
  /** Goes to a page, following redirects within the origin. */
  open(path: string, headers?: Headers): Promise<Answer>
  /** Sends a form's fields, without looking at any page. */
  post(path: string, fields: Fields, headers?: Headers): Promise<Answer>
  /** Fills in the form of the current page whose action ends like this, sends it, and follows redirects. */
  submit(action: string, fields?: Fields, headers?: Headers): Promise<Answer>
  /** The form of the current page whose action ends like this. */
  form(action: string): Form
  /** Sends JSON as the page's script does, with the page's CSRF token. */
  json(path: string, body: unknown, headers?: Headers): Promise<Answer>
}

export type Fields = Readonly<Record<string, string>>

/** Opens a browser without cookies. */
export function createBrowser({ url, transport, ip, userAgent = chrome }: BrowserOptions): Browser {
  const cookies = new Map<string, string>()
  const { host } = new URL(url)
  let at: Answer | undefined

  async function request(method: string, path: string, { headers = {}, body }: RequestOptions = {}): Promise<Answer> {
    const sent = { host, 'user-agent': userAgent, ...(cookies.size > 0 && { cookie: cookieHeader(cookies) }) }
    const received = await transport({ method, path, headers: defined({ ...sent, ...headers }), body, ip })
    const answer = answerOf(path, received)
    for (const line of answer.setCookies) keepCookie(cookies, line)
    return answer
  }

  async function follow(first: Answer): Promise<Answer> {
    let answer = first
    for (let hops = 0; answer.location !== undefined && answer.status < 400; hops += 1) {
      if (hops === 10) throw new Error(`Too many redirects, the last to ${answer.location}`)
      const target = new URL(answer.location, url)
      if (target.origin !== url) break
      answer = await request('GET', target.pathname + target.search)
    }
    at = answer
    return answer
  }

  const sameOrigin = { origin: url, 'sec-fetch-site': 'same-origin' }
  const browser: Browser = {
    url,
    cookies,
    get at() {
      if (!at) throw new Error('The browser has not opened anything')
      return at
    },
    request,
    open: async (path, headers = {}) => await follow(await request('GET', path, { headers })),
    post: async (path, fields, headers = {}) =>
      await request('POST', path, {
        headers: { 'content-type': 'application/x-www-form-urlencoded', ...sameOrigin, ...headers },
        body: new URLSearchParams(fields).toString(),
      }),
    async submit(action, fields = {}, headers = {}) {
      const form = browser.form(action)
      return await follow(await browser.post(form.action, { ...form.fields, ...fields }, headers))
    },
    form: (action) => formOf(browser.at, action),
    json: async (path, body, headers = {}) =>
      await request('POST', path, {
        headers: { 'content-type': 'application/json', 'x-csrf-token': at?.page.csrf, ...sameOrigin, ...headers },
        body: JSON.stringify(body),
      }),
  }
  return browser
}

type RequestOptions = { headers?: Headers; body?: string | Buffer }

const chrome = 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36'

function formOf({ page, path, status }: Answer, action: string): Form {
  const found = page.forms.find((form) => form.action.endsWith(action))
  if (found) return found
  const actions = page.forms.map((form) => form.action).join(', ')
  throw new Error(`No form for ${action} at ${path} (${status} ${page.heading}); there are: ${actions || 'none'}`)
}

function answerOf(path: string, { status, headers, text }: Received): Answer {
  const header = (name: string) => [headers[name] ?? []].flat()[0]
  return {
    status,
    path,
    text,
    page: parsePage(text),
    error: header('x-latchkey-error'),
    location: header('location'),
    setCookies: [headers['set-cookie'] ?? []].flat(),
    header,
    json: () => JSON.parse(text),
  }
}

function keepCookie(cookies: Map<string, string>, line: string): void {
  const [pair = '', ...attributes] = line.split('; ')
  const at = pair.indexOf('=')
  const name = pair.slice(0, at)
  if (attributes.includes('Max-Age=0')) cookies.delete(name)
  else cookies.set(name, pair.slice(at + 1))
}

const cookieHeader = (cookies: ReadonlyMap<string, string>) =>
  [...cookies].map(([name, value]) => `${name}=${value}`).join('; ')

function defined(headers: Headers): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  )
}
