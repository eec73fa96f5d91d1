import type { Bench } from './bench.ts'
import { measureFloor } from './floor.ts'
import { pin } from './machine.ts'
import type { Sizes } from './measure.ts'
import { exchange } from './parts/exchange.ts'
import { footprint } from './parts/footprint.ts'
import { groupCommit } from './parts/group-commit.ts'
import { load } from './parts/load.ts'
import { profile } from './parts/profile.ts'
import { signIn } from './parts/sign-in.ts'
import { ms, type Section, writeReport } from './report.ts'

type Part = { run: (bench: Bench) => Promise<Section[]>; isOnRequest?: boolean }

const parts: Readonly<Record<string, Part>> = {
  'sign-in': { run: signIn },
  exchange: { run: exchange },
  load: { run: load },
  'group-commit': { run: groupCommit },
  footprint: { run: footprint },
  profile: { run: profile, isOnRequest: true },
}

const sizes: Sizes = { warmUp: 1_200, rounds: 5, operations: 300, seconds: 4 }

const asked = process.argv.slice(2)
const unknown = asked.filter((name) => !(name in parts))
if (unknown.length > 0) {
  process.stderr.write(`There is no part ${unknown.join(', ')}. There are: ${Object.keys(parts).join(', ')}.\n`)
  process.exit(2)
}
process.stdout.write(await report())

async function report(): Promise<string> {
  const chosen = Object.entries(parts).filter(([name, part]) =>
    asked.length > 0 ? asked.includes(name) : !part.isOnRequest,
  )
  const pinning = pin()
  tell('cryptography alone')
  const bench: Bench = { pinning, sizes, floor: await measureFloor(pinning, sizes), tell }
  const sections = [floorSection(bench)]
  for (const [, { run }] of chosen) sections.push(...(await run(bench)))
  tell('')
  return writeReport(sections)
}

function floorSection({ floor, pinning }: Bench): Section {
  return {
    title: 'Cryptography alone',
    note: `Node ${process.version}; ${pinning.words}. CPU is user and system time of the whole process of the server.`,
    head: ['Bare node:crypto', 'CPU'],
    rows: [
      ['RS256 signature, 2048 bits', ms(floor.signMs)],
      ['ES256 verification', ms(floor.verifyMs)],
    ],
  }
}

/** One line that is written over, and only where somebody watches. */
function tell(doing: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${doing}`)
}
