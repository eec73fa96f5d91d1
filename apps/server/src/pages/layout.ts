import { accentPath } from './accent.ts'
import { attributes, dataBlock, type Html, html, toText } from './html.ts'
import { keyhole } from './icons.ts'
import type { Words } from './messages/index.ts'
import type { Brand, PageData } from './page.ts'
import type { ScriptData } from './script-data.ts'

/** What a page is made of; the frame around it is the same everywhere. */
export type Layout = {
  /** The title of the document, without the brand. */
  readonly title: string
  /** Said first in the title, so that a screen reader hears it first. */
  readonly hasErrors?: boolean
  readonly main: Html
  /** `card` is a column for one task, `wide` is for pages that list things. */
  readonly shape?: 'card' | 'wide'
  /** Beside the brand at the top of a wide page. */
  readonly aside?: Html | undefined
  readonly script?: { readonly name: 'sign-in.js' | 'account.js'; readonly data: ScriptData; readonly csrf: string }
}

/** Puts a page into its frame and gives the finished document. */
export function layout(data: PageData, words: Words, page: Layout): string {
  const { t } = words
  const named = t('common.page_title', { title: page.title, brand: data.brand.name })
  const title = page.hasErrors ? t('common.error_title', { title: named }) : named
  const shape = page.shape ?? 'card'
  return toText(html`<!doctype html>
<html lang="${words.lang}" dir="${words.dir}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="robots" content="noindex">
<title>${title}</title>
${head(data, page)}</head>
<body class="${shape}">
${shape === 'wide' && html`<a class="skip" href="#main">${t('common.skip_to_content')}</a>`}
<div class="frame">
${shape === 'wide' && html`<header class="bar">${mark(data.brand)}<span class="bar-name">${data.brand.name}</span>${page.aside}</header>`}
<main id="main" tabindex="-1">
${shape === 'card' && mark(data.brand)}
${page.main}
</main>
${footer(data.brand, words)}</div>
${page.script && dataBlock('page', page.script.data)}
</body>
</html>
`)
}

function head({ assets, brand }: PageData, { script }: Layout): Html {
  const accent = accentPath(brand.accent)
  return html`<link rel="icon" href="${assets['icon.svg']}" type="image/svg+xml">
<link rel="stylesheet" href="${assets['style.css']}">
${accent !== undefined && html`<link rel="stylesheet" href="${accent}">\n`}${
  script &&
  html`<meta name="csrf" content="${script.csrf}">\n<script type="module" src="${assets[script.name]}"></script>\n`
}`
}

/** Decorative: the name of the org is always in words near it. */
function mark(brand: Brand): Html {
  const isAllowed = brand.logoUrl !== undefined && /^(\/(?!\/)|data:image\/)/.test(brand.logoUrl)
  return isAllowed && brand.logoUrl !== undefined
    ? html`<img class="logo" alt="" height="40" ${attributes({ src: brand.logoUrl })}>`
    : keyhole
}

function footer(brand: Brand, { t }: Words): Html {
  const links = [
    brand.helpUrl && html`<li><a href="${brand.helpUrl}">${t('common.help')}</a></li>`,
    brand.privacyUrl && html`<li><a href="${brand.privacyUrl}">${t('common.privacy')}</a></li>`,
    brand.termsUrl && html`<li><a href="${brand.termsUrl}">${t('common.terms')}</a></li>`,
  ].filter((link) => link !== undefined && link !== '')
  if (links.length === 0) return html``
  return html`<footer><nav aria-label="${t('common.legal_links')}"><ul>${links}</ul></nav></footer>\n`
}
