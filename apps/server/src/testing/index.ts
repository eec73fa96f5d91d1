/**
 * The house for tests: a real one, with a database of its own, a clock that tests move, and browsers that keep cookies.
 *
 * Owns: opening a house and orgs in it, filling an org, driving its pages and passkey ceremonies, reading what was kept.
 * Does not own: any rule of the product; nothing here is imported by it. Nothing but `each-database.ts` needs vitest,
 * so that benchmarks use the rest as it is.
 */
export { type Answer, type Browser, type BrowserOptions, createBrowser } from './browser.ts'
export { createClock, type TestClock } from './clock.ts'
export { openHouse, type TestHouse, type TestHouseOptions } from './house.ts'
export { addPasskeyInBrowser, signInByCode, signInByPasskey } from './journeys.ts'
export { type NewOrgOptions, openOrg, type TestOrg } from './org.ts'
export type { Form, Page } from './page.ts'
export { givePasskey, type Person, type PersonInput } from './people.ts'
export { snapshot } from './snapshot.ts'
export { overHttp, overInject, type Transport } from './transport.ts'
