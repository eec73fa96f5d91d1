/** The script of the account page. */
import { readyButtons } from './dialog.ts'
import { focusFirstError, readyForms, releaseForms } from './forms.ts'
import { readPage } from './page.ts'
import { tell } from './signals.ts'
import { showSupport } from './support.ts'

const page = readPage()
focusFirstError()
showLocalDays()
readyForms(() => undefined)
addEventListener('pageshow', releaseForms)
const can = await showSupport()
if (can.webauthn !== 'no') readyButtons(page, can)
await tell(page.signals)

/** The server writes days in UTC; the reader's day may be another. */
function showLocalDays(): void {
  const format = new Intl.DateTimeFormat(page.texts.locale, { day: 'numeric', month: 'short', year: 'numeric' })
  for (const time of document.querySelectorAll('time')) time.textContent = format.format(new Date(time.dateTime))
}
