import { describe, expect, it } from 'vitest'
import { accentPath, contrast, findAccentStylesheet } from './accent.ts'

const shade = (css: string, name: string) =>
  [...css.matchAll(new RegExp(`--${name}:(#[0-9a-f]{6})`, 'g'))].map((m) => m[1] ?? '')

describe("An org's colour", () => {
  it.each([
    '#ffffff',
    '#000000',
    '#ffff00',
    '#ff0000',
    '#3a47d5',
    '#00ff88',
    '#777777',
    '#0b1f0b',
    '#fde68a',
    '#808000',
  ])('is legible on light and dark when it is %s', (accent) => {
    const css = findAccentStylesheet(accentPath(accent) ?? '') ?? ''
    const [light, dark] = [0, 1].map((scheme) => {
      const of = (name: string) => shade(css, name)[scheme] ?? ''
      return { fill: of('accent'), hover: of('accent-hover'), on: of('on-accent'), link: of('link') }
    })
    for (const { fill, hover, on } of [light, dark].filter((shades) => shades !== undefined)) {
      expect(contrast(fill, on)).toBeGreaterThanOrEqual(4.5)
      expect(contrast(hover, on)).toBeGreaterThanOrEqual(4.5)
    }
    expect(contrast(light?.link ?? '', '#f5f5f3')).toBeGreaterThanOrEqual(4.5)
    expect(contrast(dark?.link ?? '', '#18191c')).toBeGreaterThanOrEqual(4.5)
  })

  it('is nothing but six hexadecimal digits', () => {
    for (const accent of [undefined, '', 'red', '#fff', '#12345g', '#123456;}body{display:none'])
      expect(accentPath(accent)).toBeUndefined()
    for (const path of [
      '/assets/accent-.css',
      '/assets/accent-ABCDEF.css',
      '/assets/accent-../x.css',
      '/assets/style.css',
    ])
      expect(findAccentStylesheet(path)).toBeUndefined()
    expect(accentPath('#ABCDEF')).toBe('/assets/accent-abcdef.css')
  })
})
