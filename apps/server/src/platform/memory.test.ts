import { execFileSync } from 'node:child_process'
import { expect, test } from 'vitest'

test('What starting left behind goes back to the system, and nobody can call the collector afterwards', () => {
  // In a process of its own, whose heap is no other test's.
  const script = `
    const { giveBackMemory } = await import(${JSON.stringify(new URL('./memory.ts', import.meta.url).href)})
    let left = Array.from({ length: 400_000 }, (_, index) => ({ index, text: 'text ' + index }))
    const before = process.memoryUsage().heapTotal
    left = left.length
    giveBackMemory()
    const after = process.memoryUsage().heapTotal
    console.log(JSON.stringify({ freed: (before - after) / before, collector: typeof globalThis.gc }))
  `
  const output = execFileSync(process.execPath, ['--input-type=module', '--eval', script], { encoding: 'utf8' })
  const { freed, collector } = JSON.parse(output)
  expect(freed).toBeGreaterThan(0.5)
  expect(collector).toBe('undefined')
})
