/** The script of the pages of a transaction. */

import { armAutofill } from './autofill.ts'
import { observe } from './calls.ts'
import { readyButtons } from './dialog.ts'
import { countDownToResend, focusFirstError, readyForms, readyPasswordToggle, releaseForms } from './forms.ts'
import { readPage, say } from './page.ts'
import { enrolSilently } from './silent-enrolment.ts'
import { showSupport } from './support.ts'

const page = readPage()
let disarm = () => {}
let hasPasskeys = false

focusFirstError()
readyPasswordToggle()
countDownToResend(page.texts.resendIn)
readyForms((form) => {
  disarm()
  const step = new URL(form.action).pathname.split('/').pop()
  const isFallback = step === 'identify' || step === 'select' || step === 'skip'
  if (isFallback && hasPasskeys && page.ceremony !== 'none')
    observe(page.observe, { name: 'fallback_used', surface: page.surface, reason: step })
})

const can = await showSupport()
hasPasskeys = can.webauthn !== 'no'
if (hasPasskeys && page.ceremony !== 'none') await offerPasskeys()

async function offerPasskeys(): Promise<void> {
  observe(page.observe, { name: 'prompt_shown', surface: page.surface, capabilities: can })
  const stopSilent = page.conditional && can.conditionalCreate === 'yes' ? enrolSilently(page) : undefined
  readyButtons(page, can, stopSilent)
  const arm = () => {
    if (page.autofill && can.conditionalGet === 'yes') disarm = armAutofill(page, can)
  }
  arm()
  // A page in the browser's cache must not hold a ceremony, and needs a fresh one when it comes back.
  addEventListener('pagehide', () => disarm())
  addEventListener('pageshow', ({ persisted }) => {
    if (persisted) arm()
  })
}

addEventListener('pageshow', ({ persisted }) => {
  if (!persisted) return
  releaseForms()
  say('')
})
