import { authenticate, type Capabilities, register } from '@latchkey/browser'
import type { ScriptData } from '../script-data.ts'
import { observe, start } from './calls.ts'
import { gaveNothing, handIn, occupy, refused, whenIdle } from './ceremony.ts'
import { clearProblem, isBusy, say, setBusy } from './page.ts'

/** Lets every button of the page open its dialog. */
export function readyButtons(page: ScriptData, can: Capabilities, beforeOpen: () => void = () => undefined): void {
  for (const button of document.querySelectorAll<HTMLButtonElement>('[data-ceremony]')) {
    button.addEventListener('click', async () => {
      if (isBusy(button)) return
      setBusy(button, true)
      clearProblem()
      beforeOpen()
      await whenIdle()
      await occupy(openDialog(page, can))
      setBusy(button, false)
      // Browsers leave the focus nowhere after their dialog.
      button.focus()
    })
  }
}

async function openDialog(page: ScriptData, can: Capabilities): Promise<void> {
  say(page.texts.working)
  await (page.ceremony === 'authenticate' ? signIn(page, can) : enrol(page))
}

async function signIn(page: ScriptData, capabilities: Capabilities): Promise<void> {
  const body = { mode: page.surface, capabilities }
  const started = await start<PublicKeyCredentialRequestOptionsJSON>(page.start ?? '', body)
  if (!started.ok) return refused(page, page.surface, started)
  opened(page)
  const result = await authenticate({ publicKey: started.body.publicKey })
  if (result.ok) await handIn(page, page.surface, started.body, result.response)
  else gaveNothing(page, page.surface, result.code)
}

async function enrol(page: ScriptData): Promise<void> {
  const started = await start<PublicKeyCredentialCreationOptionsJSON>(page.start ?? '', {})
  if (!started.ok) return refused(page, page.surface, started)
  opened(page)
  const result = await register({ publicKey: started.body.publicKey })
  if (result.ok) await handIn(page, page.surface, started.body, result.response)
  else gaveNothing(page, page.surface, result.code)
}

function opened({ observe: url, surface, texts }: ScriptData): void {
  observe(url, { name: 'started', surface })
  say(texts.waiting)
}
