/** What scripts add to forms that work without them. */
import { isBusy, setBusy } from './page.ts'

/** Keeps a second press from sending a form twice. `onSend` hears which step is sent. */
export function readyForms(onSend: (form: HTMLFormElement) => void): void {
  for (const form of document.forms) {
    form.addEventListener('submit', (event) => {
      const { submitter } = event
      if (!(submitter instanceof HTMLElement)) return onSend(form)
      if (isBusy(submitter)) return event.preventDefault()
      setBusy(submitter, true)
      onSend(form)
    })
  }
}

/** Forms that come back from the browser's page cache can be sent again. */
export function releaseForms(): void {
  for (const button of document.querySelectorAll<HTMLElement>('[data-busy]')) setBusy(button, false)
}

/** Puts the focus where the first error is. */
export function focusFirstError(): void {
  const invalid = document.querySelector<HTMLElement>('[aria-invalid=true]')
  const target = invalid ?? document.querySelector<HTMLElement>('.notice-error[data-code]')
  target?.focus()
}

/** Shows and hides a password. */
export function readyPasswordToggle(): void {
  const button = document.querySelector<HTMLElement>('[data-shows]')
  const input = document.querySelector<HTMLInputElement>(`#${button?.dataset.shows}`)
  button?.addEventListener('click', () => {
    if (!input) return
    const isShown = input.type === 'password'
    input.type = isShown ? 'text' : 'password'
    button.setAttribute('aria-pressed', String(isShown))
  })
  // A password that is shown would be kept by the browser as ordinary text.
  input?.form?.addEventListener('submit', () => {
    input.type = 'password'
  })
}

/** Counts down to the moment when another code may be asked for, then shows the button for it. */
export function countDownToResend(template: string | undefined): void {
  const wait = document.querySelector<HTMLElement>('[data-resend-in]')
  const form = wait?.nextElementSibling
  if (!wait || !(form instanceof HTMLElement) || template === undefined) return
  const due = Date.now() + Number(wait.dataset.resendIn) * 1000
  const tick = () => {
    const seconds = Math.ceil((due - Date.now()) / 1000)
    wait.hidden = seconds <= 0
    form.hidden = seconds > 0
    wait.textContent = template.replace('%s', `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`)
    if (seconds <= 0) clearInterval(timer)
  }
  const timer = setInterval(tick, 1000)
  tick()
}
