import type { Authenticator, GetOptions } from '@latchkey/webauthn/testing'
import { authorizeUrl, type Contender, codeOf, redeem } from './contender.ts'
import { type Browser, jsonOf, locationOf, openBrowser, type Site, textOf } from './http.ts'

/** One person's way from the app's redirect to its tokens. Each step leaves what the next needs. */
export type Visit = {
  readonly browser: Browser
  readonly authenticator: Authenticator
  /** Where the browser is, or has been told to go. */
  at: string
  csrf: string
  /** The ceremony that was started, as its end is posted. */
  answer: string
  code: string
}

type Server = Pick<Contender, 'site' | 'paths'>
type Step = { readonly name: string; readonly run: (server: Server, visit: Visit) => Promise<void> }

/** What a browser and the app do, request by request. */
export const steps: readonly Step[] = [
  { name: 'GET authorize', run: authorize },
  { name: 'GET the page', run: showPage },
  { name: 'POST passkey/start', run: startCeremony },
  { name: 'POST passkey/finish', run: finishCeremony },
  { name: 'GET the redirect with the code', run: resume },
  { name: 'POST token', run: exchange },
]

export function newVisit({ site }: Server, authenticator: Authenticator): Visit {
  return { browser: openBrowser(site), authenticator, at: '', csrf: '', answer: '', code: '' }
}

export async function signInByPasskey(server: Server, visit: Visit): Promise<void> {
  for (const step of steps) await step.run(server, visit)
}

async function authorize(server: Server, visit: Visit): Promise<void> {
  visit.at = locationOf(await visit.browser.send(authorizeUrl(server))).pathname
}

async function showPage(_server: Server, visit: Visit): Promise<void> {
  const { status, text } = await visit.browser.send(visit.at)
  visit.csrf = /<meta name="csrf" content="([^"]+)"/.exec(text)?.[1] ?? ''
  if (status !== 200 || visit.csrf === '') throw new Error(`no page but ${status}: ${text.slice(0, 500)}`)
}

async function startCeremony({ site }: Server, visit: Visit): Promise<void> {
  const started = await post(site, visit, 'start', JSON.stringify({ mode: 'button' }))
  const ceremony = textOf(started, 'ceremony')
  const { publicKey } = started
  if (!isGetOptions(publicKey)) throw new Error('no options for the authenticator')
  visit.answer = JSON.stringify({ ceremony, response: visit.authenticator.get(publicKey, { origin: site.origin }) })
}

async function finishCeremony({ site }: Server, visit: Visit): Promise<void> {
  visit.at = textOf(await post(site, visit, 'finish', visit.answer), 'next')
}

async function post({ origin }: Site, { browser, at, csrf }: Visit, name: string, body: string) {
  const headers = { 'content-type': 'application/json', 'x-csrf-token': csrf, origin, 'sec-fetch-site': 'same-origin' }
  return jsonOf(await browser.send(`${at}/passkey/${name}`, { method: 'POST', headers, body }))
}

function isGetOptions(value: unknown): value is GetOptions {
  return typeof value === 'object' && value !== null && 'challenge' in value && 'rpId' in value
}

async function resume(_server: Server, visit: Visit): Promise<void> {
  visit.code = codeOf(await visit.browser.send(visit.at))
}

async function exchange(server: Server, visit: Visit): Promise<void> {
  await redeem(server, visit.code)
}
