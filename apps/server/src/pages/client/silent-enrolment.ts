import { register } from '@latchkey/browser'
import type { ScriptData } from '../script-data.ts'
import { observe, start } from './calls.ts'
import { handIn, occupy } from './ceremony.ts'

/**
 * Lets the password manager that just filled a password create a passkey without a dialog. Nothing is said when it
 * does not: the page with its button is there. Gives the way to stop it, for when the button is pressed meanwhile.
 */
export function enrolSilently(page: ScriptData): () => void {
  const ending = new AbortController()
  void occupy(attempt(page, ending.signal))
  return () => ending.abort()
}

async function attempt(page: ScriptData, signal: AbortSignal): Promise<void> {
  const surface = 'enrol_conditional'
  const started = await start<PublicKeyCredentialCreationOptionsJSON>(page.start ?? '', { conditional: true })
  if (!started.ok || signal.aborted) return
  observe(page.observe, { name: 'started', surface })
  const result = await register({ publicKey: started.body.publicKey, conditional: true, signal })
  if (result.ok) await handIn(page, surface, started.body, result.response)
  else observe(page.observe, { name: 'failed', surface, reason: result.code })
}
