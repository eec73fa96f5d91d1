import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Bench } from '../bench.ts'
import { startChild } from '../child.ts'
import { freePort, openSite, waitFor } from '../http.ts'
import { median } from '../measure.ts'
import { megabytes, ms, type Section } from '../report.ts'

/** What `npm start` costs: how soon it answers, and what it takes while nobody comes. */
export async function footprint({ sizes, tell }: Bench): Promise<Section[]> {
  tell('footprint: starting')
  const data = mkdtempSync(join(tmpdir(), 'latchkey-bench-'))
  try {
    const first = await startOnce(data, 0)
    const again = []
    for (let start = 0; start < Math.min(sizes.rounds, 3); start += 1) again.push(await startOnce(data, 0))
    tell('footprint: idle')
    const { rssBytes } = await startOnce(data, sizes.seconds * 1_250)
    const readyMs = median(again.map((start) => start.readyMs))
    const slowest = Math.max(first.readyMs, readyMs)
    return [
      {
        title: 'Footprint',
        note: 'The server of `npm start` with its demo app, wherever the system puts it (not pinned).',
        head: ['', 'Measured'],
        rows: [
          ['ready, on an empty data folder (makes the keys)', ms(first.readyMs)],
          ['ready, from then on', ms(readyMs)],
          ['memory when idle', megabytes(rssBytes)],
        ],
        aims: [
          { aim: 'idle memory under 130 MB', measured: megabytes(rssBytes), isMet: rssBytes < 130_000_000 },
          { aim: 'ready in under 2 seconds', measured: `${ms(slowest)} at most`, isMet: slowest < 2_000 },
        ],
      },
    ]
  } finally {
    rmSync(data, { recursive: true, force: true })
  }
}

/** Starts it as npm does, from the process being spawned to the first answer of /health/ready. */
async function startOnce(data: string, idleMs: number): Promise<{ readyMs: number; rssBytes: number }> {
  const site = openSite(await freePort())
  const environment = {
    PORT: new URL(site.origin).port,
    LATCHKEY_DEMO_PORT: String(await freePort()),
    LATCHKEY_BIND: '127.0.0.1',
    LATCHKEY_DATA: data,
    NODE_ENV: '',
  }
  const began = performance.now()
  const child = startChild({ program: ['tools/launch.cjs', 'apps/server/src/main.ts', 'dev'], environment })
  try {
    await Promise.race([waitFor(site, '/health/ready'), child.ended])
    const readyMs = performance.now() - began
    site.close()
    await new Promise((resolve) => setTimeout(resolve, idleMs))
    return { readyMs, rssBytes: (await child.usage()).rssBytes }
  } finally {
    await child.stop()
  }
}
