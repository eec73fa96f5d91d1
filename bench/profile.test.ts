import { expect, test } from 'vitest'
import { areasOf, readProfile } from './profile.ts'

const frame = (functionName: string, url = '') => ({ functionName, url })

test('Self time goes to the room or library of the code, that of native functions to who calls them', () => {
  const profile = {
    nodes: [
      { id: 1, callFrame: frame('(root)'), children: [2, 3, 4, 7, 8] },
      { id: 2, callFrame: frame('(idle)') },
      { id: 3, callFrame: frame('execute', 'file:///x/node_modules/kysely/dist/a.js') },
      { id: 4, callFrame: frame('run', 'file:///x/apps/server/src/platform/database/b.ts'), children: [5] },
      { id: 5, callFrame: frame('all') },
      { id: 7, callFrame: frame('parse', 'file:///x/apps/server/src/records/users/store.ts'), children: [6] },
      { id: 6, callFrame: frame('parse') },
      { id: 8, callFrame: frame('emit', 'node:internal/streams/readable') },
    ],
    samples: [2, 3, 4, 5, 6, 7, 8, 3],
    timeDeltas: [900, 10, 5, 70, 3, 4, 2, 20],
  }
  expect(areasOf(readProfile(JSON.stringify(profile)))).toEqual([
    { area: 'platform/database', micros: 75 },
    { area: 'kysely', micros: 30 },
    { area: 'records', micros: 7 },
    { area: 'Node: streams', micros: 2 },
  ])
})

test('What is no profile is refused', () => {
  expect(() => readProfile('{"nodes":[]}')).toThrow('this is no CPU profile')
})
