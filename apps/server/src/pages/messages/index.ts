import { createRequire } from 'node:module'
import type { Html } from '../html.ts'
import { en } from './en.ts'

/** The name of a text. */
export type MessageKey = keyof typeof en

type Values = Readonly<Record<string, string | number>>
type RichValues = Readonly<Record<string, string | number | Html>>

/** The words of one locale. */
export type Words = {
  /** The language of the texts themselves, which is not the one asked for where there is no translation. */
  readonly lang: string
  readonly dir: 'ltr' | 'rtl'
  /** The locale that numbers and dates follow. */
  readonly locale: string
  /** A text with its values filled in. */
  readonly t: (key: MessageKey, values?: Values) => string
  /** The same where values are markup; gives the parts for a template. */
  readonly rich: (key: MessageKey, values: RichValues) => readonly (string | number | Html)[]
  /** A date, by the day unless told otherwise. */
  readonly date: (time: number, style?: 'day' | 'minute') => string
}

const catalogues: Readonly<Record<string, Readonly<Record<MessageKey, string>>>> = { en }
const known = new Map<string, Words>()
const MAX_KNOWN = 50

/** Gives the words of a locale (BCP 47), English where there are none. */
export function translate(locale: string): Words {
  const found = known.get(locale)
  if (found) return found
  const words = wordsOf(locale)
  // The locale may come from a request's ui_locales: never keep as many as somebody cares to send.
  if (known.size < MAX_KNOWN) known.set(locale, words)
  return words
}

function wordsOf(locale: string): Words {
  const lang = catalogues[locale] ? locale : languageOf(locale)
  const texts = catalogues[lang] ?? en
  const regional = regionalLocale(locale, lang)
  const rich = formatterOf(texts, regional)
  const dates = new Map<string, Intl.DateTimeFormat>()
  return {
    lang,
    dir: ['ar', 'fa', 'he', 'ur'].includes(lang) ? 'rtl' : 'ltr',
    locale: regional,
    rich,
    t: (key, values = {}) => rich(key, values).join(''),
    date: (time, style = 'day') => {
      const format = dates.get(style) ?? dateFormat(regional, style)
      dates.set(style, format)
      return format.format(time)
    },
  }
}

function dateFormat(locale: string, style: 'day' | 'minute') {
  const day = { day: 'numeric', month: 'short', year: 'numeric' } as const
  const minute = { hour: '2-digit', minute: '2-digit', timeZoneName: 'short' } as const
  return new Intl.DateTimeFormat(locale, { timeZone: 'UTC', ...day, ...(style === 'minute' && minute) })
}

function languageOf(locale: string): string {
  const language = locale.split('-')[0]?.toLowerCase() ?? ''
  return catalogues[language] ? language : 'en'
}

/** Numbers and dates follow the region only where the words are of the same language. */
function regionalLocale(locale: string, lang: string): string {
  try {
    const [canonical] = Intl.getCanonicalLocales(locale)
    return canonical && new Intl.Locale(canonical).language === lang ? canonical : lang
  } catch {
    return lang
  }
}

type Parts = readonly (string | number | Html)[]

function formatterOf(texts: Readonly<Record<MessageKey, string>>, locale: string) {
  const compiled = new Map<MessageKey, (values: RichValues) => Parts>()
  return (key: MessageKey, values: RichValues): Parts => {
    const format = compiled.get(key) ?? compile(texts[key], locale)
    compiled.set(key, format)
    return format(values)
  }
}

function compile(text: string, locale: string): (values: RichValues) => Parts {
  if (!text.includes('{')) return () => [text]
  return text.includes(',') && /\{\w+,/.test(text) ? compileIcu(text, locale) : compilePlain(text)
}

/** Most texts only name their values; the real formatter costs 15 MB, which a sign-in page need not load. */
function compilePlain(text: string): (values: RichValues) => Parts {
  const pieces = text.split(/\{(\w+)\}/)
  return (values) => pieces.map((piece, index) => (index % 2 === 0 ? piece : required(values, piece)))
}

const load = createRequire(import.meta.url)

function compileIcu(text: string, locale: string): (values: RichValues) => Parts {
  const { IntlMessageFormat }: typeof import('intl-messageformat') = load('intl-messageformat')
  const format = new IntlMessageFormat(text, locale)
  return (values) => {
    const given = format.format<Html | number>(values)
    return Array.isArray(given) ? given : [given]
  }
}

function required(values: RichValues, name: string): string | number | Html {
  const value = values[name]
  if (value === undefined) throw new TypeError(`The text needs a value for ${name}.`)
  return value
}
