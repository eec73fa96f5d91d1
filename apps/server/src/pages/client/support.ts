import { type Capabilities, capabilities } from '@latchkey/browser'
import { openOtherWays } from './page.ts'

/** Shows what this browser can do: passkeys, or the explanation and the other ways. */
export async function showSupport(): Promise<Capabilities> {
  const { classList } = document.documentElement
  const can = await capabilities()
  const hasPasskeys = can.webauthn !== 'no'
  classList.add(hasPasskeys ? 'passkeys' : 'no-passkeys')
  if (can.conditionalGet === 'yes') classList.add('autofill')
  if (!hasPasskeys) openOtherWays()
  return can
}
