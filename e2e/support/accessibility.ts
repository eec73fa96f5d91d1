import axe from 'axe-core'
import type { Page } from 'playwright-core'

const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']

/** Runs axe on the page as it is now, and tells what it found: rule, help and where. */
export async function findViolations(page: Page): Promise<string[]> {
  await page.evaluate(axe.source)
  const found = await page.evaluate(
    async (values): Promise<readonly { id: string; help: string; nodes: { html: string }[] }[]> => {
      const { run }: typeof axe = Reflect.get(globalThis, 'axe')
      return (await run(document, { runOnly: { type: 'tag', values } })).violations
    },
    tags,
  )
  return found.map(({ id, help, nodes }) => `${id}: ${help} ${nodes.map(({ html }) => html).join(' ')}`)
}

/** How much wider than the window the page is. */
export async function widthOverflow(page: Page): Promise<number> {
  return await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)
}
