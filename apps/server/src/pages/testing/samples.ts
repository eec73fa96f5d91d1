import type { AssetUrls, PageMessage } from '../index.ts'
import * as pages from '../index.ts'

const NOW = Date.UTC(2026, 10, 21, 9, 30)
const DAY = 86_400_000

type Text = (from: string) => string
type Samples = Record<string, string>

/**
 * Every page with data as in life, by name. Each text of the data goes through `text`, so that a test can put
 * something else in all of those places at once.
 */
export function samplePages(assets: AssetUrls, text: Text = (from) => from): Samples {
  const brand = {
    name: text('Acme'),
    helpUrl: text('https://acme.example/help'),
    privacyUrl: text('https://acme.example/privacy'),
    termsUrl: text('https://acme.example/terms'),
  }
  const page = { brand, locale: text('en-GB'), assets }
  const form = { ...page, csrf: text('Yx0c5rf') }
  const step = { ...form, handle: text('02Xq3handle'), version: 3, client: text('Acme Notes') }
  return {
    ...identifyPages(step, text),
    ...proofPages(step, text),
    ...endPages(step, text),
    ...plainPages(page, text),
    ...mailPages(page, text),
    ...accountPages(form, text),
    home: pages.homePage({ ...form, needsSetup: true, development: { demoUrl: text('http://localhost:8081/') } }),
    'home-signed-in': pages.homePage({ ...form, account: text('ada@example.com') }),
    setup: pages.setupPage({ ...form, fieldErrors: { code: text('setup_code_incorrect') } }),
    'setup-done': pages.setupPage({ ...form, isDone: true }),
    'sign-out': pages.signOutPage({ ...form, action: '/sign-out', fields: { state: text('abc') } }),
  }
}

const message = (text: Text, level: PageMessage['level'], code: string): { messages: PageMessage[] } => ({
  messages: [{ level, code: text(code), values: { seconds: 40, note: text('x') } }],
})

function identifyPages(step: pages.TransactionPageData, text: Text): Samples {
  const identifier = text('ada@example.com')
  const bare = { ...step, brand: { ...step.brand, accent: '#0a7f5a', logoUrl: text('/logo.svg') } }
  const errors = { fieldErrors: { identifier: text('identifier_invalid') } }
  const failed = message(text, 'error', 'too_many_attempts')
  const names = { firstName: text('Ada'), lastName: text('Lovelace') }
  return {
    identify: pages.identifyPage({ ...step, passkeys: 'both', canSignUp: true }),
    'identify-bare': pages.identifyPage({ ...bare, passkeys: 'autofill', canSignUp: false }),
    'identify-plain': pages.identifyPage({ ...step, passkeys: 'none', canSignUp: true }),
    'identify-errors': pages.identifyPage({
      ...step,
      ...errors,
      ...failed,
      identifier,
      passkeys: 'both',
      canSignUp: true,
    }),
    'sign-up': pages.signUpPage({ ...step, ...names, identifier }),
  }
}

function proofPages(step: pages.TransactionPageData, text: Text): Samples {
  const identifier = text('ada@example.com')
  const known = { ...step, identifier }
  const passkey = { step: 'passkey' } as const
  const byMail = { step: 'code', address: text('a…@example.com') } as const
  const password = { step: 'password' } as const
  const code = { ...known, address: identifier, lifetimeMinutes: 10, alternatives: [passkey, password] }
  const codeErrors = { fieldErrors: { code: text('code_incorrect') }, ...message(text, 'success', 'code_sent') }
  return {
    passkey: pages.passkeyPage({ ...known, alternatives: [byMail, password] }),
    code: pages.codePage({ ...code, isSent: true, resendInSeconds: 42 }),
    'code-errors': pages.codePage({ ...code, ...codeErrors, isSent: true, isUniform: true }),
    'code-unsent': pages.codePage({ ...code, isSent: false }),
    password: pages.passwordPage({ ...known, alternatives: [passkey, byMail] }),
    'password-errors': pages.passwordPage({ ...known, fieldErrors: { password: text('password_incorrect') } }),
    alternatives: pages.alternativesPage({ ...known, alternatives: [passkey, byMail, password] }),
  }
}

function endPages(step: pages.TransactionPageData, text: Text): Samples {
  const account = text('ada@example.com')
  const standard = ['openid', 'profile', 'email', 'offline_access', 'urn:acme:raw'].map((name) => ({
    name: text(name),
  }))
  const scopes = [...standard, { name: text('notes:write'), description: text('Write and delete your notes') }]
  const refused = message(text, 'info', 'passkey_refused')
  return {
    'enrol-sign-up': pages.enrolPasskeyPage({ ...step, account, occasion: 'sign-up', canSkip: false }),
    'enrol-offer': pages.enrolPasskeyPage({
      ...step,
      ...refused,
      account,
      occasion: 'offer',
      canSkip: true,
      conditional: true,
    }),
    consent: pages.consentPage({ ...step, client: text('Acme Notes'), account, scopes }),
  }
}

function plainPages(page: pages.PageData, text: Text): Samples {
  const failed = { ...page, requestId: text('req-7f3a9c'), at: NOW }
  const detail = text('The redirect_uri is not registered for this client.')
  const backUrl = text('https://app.example/')
  return {
    'signed-out': pages.signedOutPage({ ...page, signInUrl: text('/account') }),
    error: pages.errorPage({ ...failed, status: 400, code: text('redirect_uri_mismatch'), detail, backUrl }),
    'error-server': pages.errorPage({ ...failed, status: 500, code: text('internal_error') }),
    'error-missing': pages.errorPage({ ...failed, status: 404, code: text('not_found') }),
    expired: pages.expiredPage({ ...page, startUrl: text('/account') }),
  }
}

function mailPages(page: pages.PageData, text: Text): Samples {
  const to = text('ada@example.com')
  const first = { id: text('m1'), to, subject: text('Your code is 493 027'), at: NOW }
  const second = { id: text('m2'), to, subject: text('A passkey was added'), at: NOW - DAY }
  const body = 'Your code to sign in to Acme:\n\n493 027\n\nIt works once.\nOr open http://localhost:8080/account\n'
  return {
    mailbox: pages.mailboxPage({ ...page, mails: [first, second] }),
    'mailbox-empty': pages.mailboxPage({ ...page, mails: [] }),
    mail: pages.mailPage({ ...page, mail: { ...first, text: text(body) } }),
  }
}

function accountPages(data: pages.FormPageData, text: Text): Samples {
  const { synced, desktop, key } = passkeys(text)
  const sessions = [
    {
      id: text('s1'),
      isCurrent: true,
      browser: text('Safari on macOS'),
      ip: text('203.0.113.7'),
      startedAt: NOW,
      lastActiveAt: NOW,
    },
    { id: text('s2'), isCurrent: false, ip: text('198.51.100.23'), startedAt: NOW - 6 * DAY, lastActiveAt: NOW - DAY },
  ]
  const account = { name: text('Ada Lovelace'), login: text('ada@example.com') }
  const details = { rpId: text('localhost'), userId: text('AAAA'), name: text('ada'), displayName: text('Ada') }
  const signals = { currentUserDetails: details }
  const form = { ...data, account, sessions }
  const some = { ...form, passkeys: [synced, desktop, key], passkeyLimit: 20, signals }
  return {
    account: pages.accountPage({ ...some, ...message(text, 'success', 'passkey_added') }),
    'account-empty': pages.accountPage({ ...form, account: { login: account.login }, passkeys: [], passkeyLimit: 20 }),
    'account-full': pages.accountPage({ ...form, passkeys: [key], passkeyLimit: 1 }),
    'remove-passkey': pages.removePasskeyPage({ ...data, passkey: synced, remaining: 2, canRemove: true }),
    'remove-last': pages.removePasskeyPage({ ...data, passkey: key, remaining: 0, canRemove: false }),
  }
}

function passkeys(text: Text): Record<'synced' | 'desktop' | 'key', pages.AccountPasskey> {
  const synced = {
    id: text('pk1'),
    name: text('My phone'),
    aaguid: text('fbfc3007-154e-4ecc-8c0b-6e020557d7bd'),
    createdAt: NOW - 90 * DAY,
    lastUsedAt: NOW,
    lastUsedOn: text('Safari on macOS'),
    backupEligible: true,
    backedUp: true,
    transports: [text('internal'), 'hybrid'],
    isThisDevice: true,
  }
  const bound = { createdAt: NOW - 30 * DAY, backupEligible: false, backedUp: false }
  const keyModel = text('2fc0579f-8113-47ea-b116-bb5a8db9202a')
  return {
    synced,
    desktop: {
      ...bound,
      id: text('pk3'),
      name: text('Work laptop'),
      lastUsedAt: NOW - DAY,
      transports: ['internal'],
      createdAutomatically: true,
    },
    key: { ...bound, id: text('pk2'), name: text('Blue key'), aaguid: keyModel, transports: ['usb', 'nfc'] },
  }
}
