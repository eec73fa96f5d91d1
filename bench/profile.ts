/** What V8's CPU profile says, as far as it is read here. */
export type Profile = {
  nodes: readonly { id: number; callFrame: { functionName: string; url: string }; children?: readonly number[] }[]
  samples: readonly number[]
  timeDeltas: readonly number[]
}

export type Area = { area: string; micros: number }

/** Reads a `.cpuprofile`. */
export function readProfile(text: string): Profile {
  const value: unknown = JSON.parse(text)
  if (isProfile(value)) return value
  throw new Error('this is no CPU profile')
}

function isProfile(value: unknown): value is Profile {
  if (typeof value !== 'object' || value === null) return false
  return ['nodes', 'samples', 'timeDeltas'].every((name) => Array.isArray(Reflect.get(value, name)))
}

/** Adds up self time by what the code belongs to, the most expensive first. Idle time is left out. */
export function areasOf({ nodes, samples, timeDeltas }: Profile): Area[] {
  const byId = new Map(nodes.map((node) => [node.id, node]))
  const parents = new Map(nodes.flatMap(({ id, children = [] }) => children.map((child) => [child, id] as const)))
  const known = new Map<number, string>()
  const areaOf = (id: number): string => {
    const found = known.get(id)
    if (found !== undefined) return found
    const { functionName = '', url = '' } = byId.get(id)?.callFrame ?? {}
    const parent = parents.get(id)
    const area = areaOfFrame(functionName, url) ?? (parent === undefined ? 'other' : areaOf(parent))
    known.set(id, area)
    return area
  }
  const sums = new Map<string, number>()
  for (const [index, id] of samples.entries()) {
    const area = areaOf(id)
    sums.set(area, (sums.get(area) ?? 0) + (timeDeltas[index] ?? 0))
  }
  sums.delete('idle')
  return [...sums].map(([area, micros]) => ({ area, micros })).toSorted((a, b) => b.micros - a.micros)
}

const byName: Readonly<Record<string, string>> = {
  '(idle)': 'idle',
  '(garbage collector)': 'garbage collection',
  '(program)': 'native code outside of JavaScript (sockets, event loop)',
  '(root)': 'other',
}

/** The area of a frame, or nothing for native functions, which belong to who calls them. */
function areaOfFrame(functionName: string, url: string): string | undefined {
  const named = byName[functionName]
  if (named !== undefined) return named
  const library = /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(url)?.[1]
  if (library !== undefined) return library
  const [, building, rest] = /\/(apps\/server\/src|packages)\/(.+)$/.exec(url) ?? []
  if (building !== undefined && rest !== undefined) {
    const depth = /^(?:platform|endpoints)\//.test(rest) ? 2 : 1
    return rest.split('/').slice(0, depth).join('/')
  }
  if (url.startsWith('node:')) return `Node: ${url.replace(/^node:(?:internal\/)?/, '').split('/')[0]}`
  return undefined
}
