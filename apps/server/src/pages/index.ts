/**
 * Hosted pages: data in, HTML out.
 *
 * Owns: every page that we show, its words, looks and scripts, and the bundling of those scripts.
 * Does not own: what is true (the engine and the records), which page comes next, cookies, headers, any HTTP.
 *
 * Every page is a function of one plain object and gives a whole document. It needs the headers of `pageHeaders()`:
 * no page has an inline script, an inline style or anything from elsewhere. Each form posts to the address that it
 * names, with `csrf` (and `version`, in a transaction); everything but passkeys works without a script.
 */
export { type AccountPageData, type AccountSession, accountPage } from './account.ts'
export { type AlternativesPageData, alternativesPage } from './alternatives.ts'
export { type Asset, type Assets, findAsset, loadAssets } from './assets.ts'
export { findAuthenticatorName } from './authenticator-names.ts'
export { type CodePageData, codePage } from './code.ts'
export { type ConsentPageData, consentPage } from './consent.ts'
export { type KeptMail, type MailboxPageData, type MailPageData, mailboxPage, mailPage } from './dev-mail.ts'
export { type EnrolPasskeyPageData, enrolPasskeyPage } from './enrol-passkey.ts'
export { type ErrorPageData, errorPage } from './error.ts'
export { type ExpiredPageData, expiredPage } from './expired.ts'
export { type HomePageData, homePage } from './home.ts'
export { type IdentifyPageData, identifyPage } from './identify.ts'
export { type LetterName, writeLetter } from './letter.ts'
export { noticeCodes } from './notices.ts'
export type {
  Alternative,
  AssetName,
  AssetUrls,
  Brand,
  FormPageData,
  PageData,
  PageMessage,
  TransactionPageData,
} from './page.ts'
export { type PasskeyPageData, passkeyPage } from './passkey.ts'
export type { AccountPasskey } from './passkey-card.ts'
export { type PasswordPageData, passwordPage } from './password.ts'
export { type RemovePasskeyPageData, removePasskeyPage } from './remove-passkey.ts'
export type { Signals } from './script-data.ts'
export { type SetupPageData, setupPage } from './setup.ts'
export { type SignedOutPageData, type SignOutPageData, signedOutPage, signOutPage } from './sign-out.ts'
export { type SignUpPageData, signUpPage } from './sign-up.ts'
