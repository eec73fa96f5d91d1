import { describe, expect, it } from 'vitest'
import { samplePages } from './testing/samples.ts'

const assets = {
  'style.css': '/assets/style-x.css',
  'icon.svg': '/assets/icon-x.svg',
  'sign-in.js': '/assets/sign-in-x.js',
  'account.js': '/assets/account-x.js',
}
const pages = Object.entries(samplePages(assets))
const tags = (page: string) => page.match(/<\/?[a-z][a-z0-9]*/gi) ?? []

describe('Hostile data', () => {
  const payloads = [
    `"><script>alert(1)</script><img src=x onerror=alert(1)>`,
    `'><svg onload=alert(1)>`,
    '</script><!--<script>',
    '</title></textarea></style><h1>',
    '`alert(1)`&#34;&quot;><b>',
  ]
  // Texts that mean nothing to a page, as a payload does, take the same branches: the markup must be the same too.
  const plain = samplePages(assets, () => 'zzz')

  it.each(payloads)('changes no markup of any page: %s', (payload) => {
    for (const [name, page] of Object.entries(samplePages(assets, () => payload))) {
      expect(tags(page), name).toEqual(tags(plain[name] ?? ''))
      expect(page, name).not.toContain(payload)
    }
  })

  it('never becomes the address of a link or of an image', () => {
    for (const payload of [
      'javascript:alert(1)',
      'data:text/html,<script>',
      '//evil.example/',
      '\tjavascript:alert(1)',
    ]) {
      for (const [name, page] of Object.entries(samplePages(assets, () => payload)))
        expect(page.match(/(href|src|action)="\s*(javascript|data|\/\/)/i), name).toBeNull()
    }
  })
})

describe('Content Security Policy', () => {
  it.each(pages)('allows all of %s: nothing inline, nothing from elsewhere', (_, page) => {
    expect(page).not.toMatch(/<[^>]*\sstyle=/i)
    expect(page).not.toMatch(/<[^>]*\son[a-z]+=/i)
    expect(page).not.toMatch(/<style|<iframe|<object|<embed|<base/i)
    for (const [script] of page.matchAll(/<script[^>]*>/g))
      expect(script).toMatch(/^<script type="(application\/json" id="page"|module" src="\/assets\/[\w-]+\.js")>$/)
    for (const [, address] of page.matchAll(/<(?:link|img|script)[^>]*(?:href|src)="([^"]*)"/g))
      expect(address).toMatch(/^\/(?!\/)/)
  })
})

describe('Forms', () => {
  const steps = 'identify|password|send-code|code|sign-up|skip|consent|select|restart|cancel|switch'
  const known = new RegExp(
    `^(/sign-in/02Xq3handle/(${steps})|/setup|/sign-out|/account/passkeys/pk\\d/(rename|remove)|/account/sessions/s\\d/end)$`,
  )

  const withForms = pages.filter(([, page]) => page.includes('<form'))

  it.each(withForms)('of %s post to addresses that are served, with the token and the version', (_, page) => {
    for (const [form] of page.matchAll(/<form[\s\S]*?<\/form>/g)) {
      const action = /method="post" action="([^"]*)"/.exec(form)?.[1] ?? ''
      expect(action).toMatch(known)
      expect(form.match(/name="csrf" value="Yx0c5rf"/g)).toHaveLength(1)
      if (action.startsWith('/sign-in/')) expect(form).toContain('<input type="hidden" name="version" value="3">')
    }
  })

  it.each(pages)('of %s are not nested, and their ids are unique', (_, page) => {
    const nesting = (page.match(/<\/?form/g) ?? []).join('')
    expect(nesting).toMatch(/^(<form<\/form)*$/)
    const ids = [...page.matchAll(/\sid="([^"]*)"/g)].map(([, id]) => id)
    expect(new Set(ids).size).toBe(ids.length)
  })
})

describe('Titles', () => {
  it('say first that there is an error, and then which page it is', () => {
    const title = (name: string) => /<title>([^<]*)/.exec(pages.find(([known]) => known === name)?.[1] ?? '')?.[1]
    expect(title('identify')).toBe('Sign in · Acme')
    expect(title('identify-errors')).toBe('Error: Sign in · Acme')
    expect(title('password-errors')).toBe('Error: Enter your password · Acme')
  })
})

describe('The field with the error', () => {
  it('is described by it and has the focus', () => {
    const page = samplePages(assets)['code-errors'] ?? ''
    const input = /<input id="code"[^>]*>/.exec(page)?.[0]
    expect(input).toContain('aria-invalid="true" aria-describedby="code-error"')
    expect(input).toContain(' autofocus')
    expect(page).toContain('id="code-error" data-code="code_incorrect"')
  })
})

describe('The identifier field', () => {
  const of = (name: string) => /<input id="identifier"[^>]*>/.exec(samplePages(assets)[name] ?? '')?.[0]

  it('offers passkeys in its autofill menu, with the token last as browsers want it', () => {
    expect(of('identify')).toContain('autocomplete="username webauthn"')
    expect(of('identify-plain')).toContain('autocomplete="username"')
  })
})
