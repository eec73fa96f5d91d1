/** The page as its scripts see it: the data block, the two regions they speak through, and what is busy. */
import type { ScriptData } from '../script-data.ts'

const find = (selector: string) => document.querySelector<HTMLElement>(selector)

/** What the server told the scripts of this page. */
export function readPage(): ScriptData {
  return JSON.parse(find('#page')?.textContent ?? '')
}

/** The token that every call carries. */
export const csrf = () => document.querySelector<HTMLMetaElement>('meta[name=csrf]')?.content ?? ''

const title = document.title

/** Says how far things are, politely. An empty text takes it back. */
export function say(text: string): void {
  put('#status', text)
}

/** Says what went wrong, and says it first in the title. */
export function complain({ texts }: ScriptData, code: string, detail?: string): void {
  say('')
  put('#problem', texts.problems[code] ?? detail ?? texts.problems.unknown ?? '')
  const problem = find('#problem')
  if (problem) problem.dataset.code = code
  document.title = texts.errorTitle.replace('%s', title)
}

/** Takes back what was said of the last attempt. */
export function clearProblem(): void {
  put('#problem', '')
  document.title = title
}

function put(selector: string, text: string): void {
  const region = find(selector)
  if (region) region.textContent = text
}

/** Marks what was pressed as busy. It stays in the tab order, and keeps its name and value for the form. */
export function setBusy(element: HTMLElement, isBusy: boolean): void {
  element.toggleAttribute('data-busy', isBusy)
  if (isBusy) element.setAttribute('aria-disabled', 'true')
  else element.removeAttribute('aria-disabled')
}

export const isBusy = (element: HTMLElement) => element.hasAttribute('data-busy')

let cancels = 0

/** Closing the dialog once needs no comment; after the second time, point at another way. */
export function countCancel(): void {
  cancels += 1
  const suggestion = find('[data-after-cancels]')
  if (cancels < 2 || !suggestion) return
  suggestion.textContent = suggestion.dataset.afterCancels ?? ''
  openOtherWays()
}

export function openOtherWays(): void {
  find('#ways')?.setAttribute('open', '')
}
