import { describe, expect, it } from 'vitest'
import { attributes, dataBlock, type HtmlValue, html, raw, toText } from './html.ts'

const hostile = `"><script>alert(1)</script>'\`&`

describe('Templates', () => {
  it('escape every value, in text and in attributes', () => {
    expect(toText(html`<p title="${hostile}">${hostile}</p>`)).toBe(
      '<p title="&quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;&#39;&#96;&amp;">' +
        '&quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;&#39;&#96;&amp;</p>',
    )
  })

  it('take nested templates, lists and nothing', () => {
    const items = ['<a>', 'b'].map((item) => html`<li>${item}</li>`)
    expect(toText(html`<ul>${items}</ul>${false}${null}${undefined}${0}${raw('<hr>')}`)).toBe(
      '<ul><li>&lt;a&gt;</li><li>b</li></ul>0<hr>',
    )
  })

  it('do not take parsed JSON for markup, whatever its shape', () => {
    const forged: HtmlValue = JSON.parse('{"html":"<b>","Symbol(html)":"<b>"}')
    expect(toText(html`<p>${forged}</p>`)).not.toContain('<b>')
  })

  it.each([
    'javascript:alert(1)',
    ' javascript:alert(1)',
    'JaVaScRiPt:x',
    'data:text/html,x',
    '//evil.example',
    '/\\evil.example',
  ])('do not link to %s', (url) => {
    expect(toText(html`<a href="${url}">x</a>`)).toBe('<a href="#">x</a>')
  })

  it.each(['/account', '?a=1', '#top', 'https://app.example/x?a=1', 'mailto:help@example.com'])('link to %s', (url) => {
    expect(toText(html`<a href="${url}">x</a>`)).toBe(`<a href="${url}">x</a>`)
  })

  it('refuse values where escaping cannot help', () => {
    expect(() => html`<p title=${'x'}></p>`).toThrow('Quote the attribute.')
    expect(() => html`<p onclick="${'x'}"></p>`).toThrow('No values in onclick.')
    expect(() => html`<p style="color: ${'x'}"></p>`).toThrow('No values in style.')
    expect(() => html`<script>${'x'}</script>`).toThrow('No values in scripts')
    expect(() => html`<!-- ${'x'} -->`).toThrow('No values in scripts')
  })
})

describe('Attributes', () => {
  it('stand alone when true, are left out when false or absent, and are escaped', () => {
    expect(toText(attributes({ required: true, hidden: false, id: undefined, value: '"<', maxlength: 5 }))).toBe(
      'required value="&quot;&lt;" maxlength="5"',
    )
  })

  it('have no handlers, no styles and no names from outside', () => {
    for (const name of ['onclick', 'style', 'a b', '"><x'])
      expect(() => attributes({ [name]: 'x' })).toThrow(`Attribute ${name}`)
  })
})

describe('Data blocks', () => {
  it('cannot be ended from inside and read back as they were', () => {
    const data = { text: '</script><script>alert(1)</script><!--\u2028' }
    const text = toText(dataBlock('page', data))
    expect(text.match(/<\/?script/g)).toHaveLength(2)
    expect(text).not.toContain('<!--')
    expect(JSON.parse(text.replace(/^<script[^>]*>|<\/script>$/g, ''))).toEqual(data)
  })
})
