import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Bench } from '../bench.ts'
import { startLatchkey } from '../latchkey.ts'
import { eachOf } from '../measure.ts'
import { areasOf, readProfile } from '../profile.ts'
import { ms, type Section, share } from '../report.ts'
import { operationOf } from './sign-in.ts'

const smallest = 0.005

/** Where the time of a passkey sign-in goes: the server's main thread, sampled. */
export async function profile({ pinning, sizes, tell }: Bench): Promise<Section[]> {
  const sections: Section[] = []
  for (const clients of [1, 64]) sections.push(await profileAt(clients, { pinning, sizes, tell }))
  return sections
}

async function profileAt(clients: number, { pinning, sizes, tell }: Pick<Bench, 'pinning' | 'sizes' | 'tell'>) {
  const folder = mkdtempSync(join(tmpdir(), 'latchkey-bench-'))
  const count = sizes.rounds * sizes.operations
  try {
    const server = await startLatchkey({ pinning, profileFolder: folder })
    const operation = operationOf(server)
    tell(`profile: ${count} passkey sign-ins, ${clients} at a time`)
    await eachOf(await operation.prepare(count), clients, operation.run)
    await server.close()
    return sectionOf(clients, count, folder)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function sectionOf(clients: number, count: number, folder: string): Section {
  const [file] = readdirSync(folder)
  if (file === undefined) throw new Error('Node wrote no profile')
  const areas = areasOf(readProfile(readFileSync(join(folder, file), 'utf8')))
  const whole = areas.reduce((sum, { micros }) => sum + micros, 0)
  return {
    title: `Profile: passkey sign-ins, ${clients} at a time`,
    note: `Self time of the main thread over ${count} sign-ins, start and warm-up included. SQLite is part of platform/database, and so is waiting for the disk.`,
    head: ['Where', 'per sign-in', 'of the whole'],
    rows: areas
      .filter(({ micros }) => micros / whole >= smallest)
      .map(({ area, micros }) => [area, ms(micros / 1000 / count), share(micros / whole)]),
  }
}
