/** What every page is given. Pages read no setting, no clock and no database: all they show is here. */

/** The files that pages link to, by name; `loadAssets` gives the addresses. */
export type AssetName = 'style.css' | 'icon.svg' | 'sign-in.js' | 'account.js'
export type AssetUrls = Readonly<Record<AssetName, string>>

/** How an org looks. */
export type Brand = {
  readonly name: string
  /** `#rrggbb`. Shades with enough contrast are derived from it; anything else is ignored. */
  readonly accent?: string
  /** On this origin, or a `data:` URL: the policy loads no other. */
  readonly logoUrl?: string
  readonly helpUrl?: string
  readonly privacyUrl?: string
  readonly termsUrl?: string
}

/** Something that happened, to be told on the page. Texts are found by code (`notices.ts`). */
export type PageMessage = {
  readonly level: 'error' | 'warning' | 'success' | 'info'
  readonly code: string
  readonly values?: Readonly<Record<string, string | number>>
}

export type PageData = {
  readonly brand: Brand
  /** BCP 47, from `ui_locales` or Accept-Language. */
  readonly locale: string
  readonly assets: AssetUrls
  readonly messages?: readonly PageMessage[]
}

/** A page whose forms change something. */
export type FormPageData = PageData & {
  readonly csrf: string
  /** Codes by field, shown under the field. */
  readonly fieldErrors?: Readonly<Record<string, string>>
}

/** A step that the person may choose instead of the one shown. */
export type Alternative = {
  readonly step: 'passkey' | 'code' | 'password'
  readonly address?: string
  /** Choosing it sends the code at once. */
  readonly sends?: boolean
}

/** A page of a sign-in transaction. */
export type TransactionPageData = FormPageData & {
  readonly handle: string
  readonly version: number
  /** The name of the app that the person comes from. */
  readonly client?: string
  readonly alternatives?: readonly Alternative[]
}
