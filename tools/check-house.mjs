/**
 * Checks that the house is built to plan: who may import whom, how a room is entered, what each record room holds,
 * how long files are. ARCHITECTURE.md prints the tables below; change them here and there together.
 *
 * Reads imports as text: a checker that needs a compiler's interface reads nothing, and says that all is well, when
 * the compiler changes.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { basename, dirname, join, posix, relative, resolve, sep } from 'node:path'

/** Each record may use those that stand before it. */
const records = [
  ['orgs', 'directories', 'outbox', 'events', 'observations', 'keys', 'limits', 'users', 'groups', 'credentials'],
  ['ceremonies', 'clients', 'authorization-servers', 'policies', 'sessions', 'grants', 'tokens', 'transactions'],
  ['api-tokens', 'trusted-origins', 'mailbox'],
].flat()

const ground = ['platform', 'records']
const everything = [...ground, 'access', 'hooks', 'directory', 'authorization', 'sign-in', 'federation', 'pages']
const house = [...everything, 'jobs', 'endpoints', 'commands', 'config.ts', 'app.ts', 'main.ts']

/**
 * What each room of apps/server/src may import, beside itself. Settings stay at the edges: the rooms between are handed
 * the fields that they need.
 */
const mayImport = {
  platform: [],
  records: ['platform'],
  access: [...ground, 'config.ts'],
  hooks: ground,
  directory: [...ground, 'hooks'],
  authorization: [...ground, 'hooks'],
  'sign-in': [...ground, 'hooks', 'directory'],
  federation: [...ground, 'hooks', 'directory', 'sign-in'],
  pages: ['platform'],
  jobs: [...ground, 'hooks', 'directory', 'authorization', 'pages', 'config.ts'],
  endpoints: [...everything, 'config.ts'],
  'config.ts': ['platform'],
  commands: house,
  'app.ts': house,
  'main.ts': house,
}

const server = 'apps/server/src/'
const folders = ['apps', 'packages', 'examples', 'e2e', 'bench', 'tools']
const maxLines = { code: 400, test: 600 }
const sql = /\.(?:selectFrom|insertInto|updateTable|deleteFrom)\(|\bsql(?:<[^>]*>)?`/

const isTestOnly = (path) => /\.test\.ts$|(?:^|\/)(?:testing\.ts$|test(?:ing)?(?:\/|$))|^e2e\//.test(path)
const partsOf = (path) => path.slice(server.length).split('/')

/** One rule each: what a file must not import, as the reason, or nothing. */
const importRules = [
  function table(from, to) {
    if (isTestOnly(from) || !from.startsWith(server) || !to.startsWith(server)) return
    const [room, part] = partsOf(from)
    const [otherRoom, otherPart] = partsOf(to)
    if (!(room in mayImport)) return `${room} has no row in the table of rooms`
    if (room !== otherRoom)
      return mayImport[room].includes(otherRoom) ? undefined : `${room} may not import ${otherRoom}`
    if (room === 'endpoints' && part !== otherPart) return 'an endpoint never imports another endpoint'
    if (room !== 'records' || part === otherPart) return
    if (records.indexOf(otherPart) >= records.indexOf(part)) return `records/${otherPart} stands after records/${part}`
  },
  function door(from, to) {
    const room = /^apps\/server\/src\/records\/[^/]+\//.exec(to)?.[0]
    if (!room || from.startsWith(room) || to === `${room}index.ts`) return
    if (!(isTestOnly(from) && isTestOnly(to))) return 'a record is entered only through its index.ts'
  },
  function ownDoor(from, to) {
    if (!isTestOnly(from) && basename(to) === 'index.ts' && from.startsWith(`${dirname(to)}/`))
      return 'inside a room nobody imports its own index.ts'
  },
  function testing(from, to) {
    if (/^(?:apps|packages|examples)\//.test(from) && !isTestOnly(from) && isTestOnly(to))
      return 'only tests import what is made for tests'
  },
  function buildings(from, to) {
    const [area, name] = from.split('/')
    const [otherArea, otherName] = to.split('/')
    if (area === otherArea && name === otherName) return
    if (area === 'apps' && otherArea === 'apps') return 'apps never import each other'
    if (area === 'packages' && otherArea === 'apps') return 'packages never import apps'
    if (['packages', 'examples'].includes(area) && folders.includes(otherArea) && !isTestOnly(from))
      return 'what others install is imported by its name, and nothing else of this repository'
  },
]

/** The files that a file names: static and dynamic imports, re-exports, and modules that it starts as workers. */
function importsOf(text) {
  const code = text.replace(/^\s*\/?\*.*$|(?:^|\s)\/\/.*$/gm, '')
  const statements = code.matchAll(/^[ \t]*(?:import|export)\b(?:[^'"=;()]*?\bfrom)?\s*['"]([^'"]+)['"]/gm)
  const calls = code.matchAll(/\b(?:import\(|new URL\()\s*['"]([^'"]+)['"]/g)
  return [...statements, ...calls].map((match) => match[1])
}

/** A relative import as a path from the root; a workspace's name as its folder; any other package as nothing. */
function targetOf(from, name, workspaces) {
  if (name.startsWith('.')) return posix.join(posix.dirname(from), name)
  const owner = Object.keys(workspaces).find((workspace) => name === workspace || name.startsWith(`${workspace}/`))
  if (owner === undefined) return undefined
  const rest = name.slice(owner.length)
  // By its name a package is anyone's to import, all but its part for tests; an app is nobody's.
  return workspaces[owner].startsWith('apps/') || isTestOnly(rest) ? `${workspaces[owner]}${rest}` : undefined
}

function checkFile(path, text, workspaces) {
  const problems = []
  const lines = text.replace(/\n$/, '').split('\n').length
  const limit = isTestOnly(path) ? maxLines.test : maxLines.code
  if (lines > limit) problems.push(`${path}: ${lines} lines, more than ${limit}`)
  if (path.startsWith(server) && !/[/-]store\.ts$|\/platform\//.test(path) && !isTestOnly(path) && sql.test(text))
    problems.push(`${path}: SQL belongs in a store.ts`)
  const targets = importsOf(text).map((name) => [name, targetOf(path, name, workspaces)])
  for (const [name, target] of targets.filter(([, to]) => to !== undefined)) {
    const broken = importRules.map((rule) => rule(path, target)).filter(Boolean)
    problems.push(...broken.map((reason) => `${path} imports ${name}: ${reason}`))
  }
  return { problems, imports: targets.length }
}

function checkRecordRooms(root) {
  const rooms = list(join(root, server, 'records')).filter((entry) => entry.isDirectory())
  return rooms.flatMap(({ name }) => {
    const room = `${server}records/${name}`
    const missing = ['index.ts', 'store.ts'].filter((file) => !existsSync(join(root, room, file)))
    const problems = missing.map((file) => `${room}: has no ${file}`)
    if (!records.includes(name)) problems.push(`${room}: has no place in the ordered list of records`)
    const says = missing.includes('index.ts') || readFileSync(join(root, room, 'index.ts'), 'utf8').startsWith('/**')
    if (!says) problems.push(`${room}/index.ts: does not begin by saying what the room owns`)
    return problems
  })
}

const list = (folder) => (existsSync(folder) ? readdirSync(folder, { withFileTypes: true }) : [])

function sourcesIn(folder) {
  return list(folder).flatMap((entry) => {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) return /^\.|^(?:node_modules|dist|data)$/.test(entry.name) ? [] : sourcesIn(path)
    return /\.[cm]?[jt]s$/.test(entry.name) ? [path] : []
  })
}

function workspacesIn(root) {
  const manifests = folders.flatMap((area) => [area, ...list(join(root, area)).map(({ name }) => `${area}/${name}`)])
  const found = manifests.filter((folder) => existsSync(join(root, folder, 'package.json')))
  return Object.fromEntries(
    found.map((folder) => [JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8')).name, folder]),
  )
}

const root = resolve(process.argv[2] ?? join(import.meta.dirname, '..'))
const workspaces = workspacesIn(root)
const files = folders.flatMap((folder) => sourcesIn(join(root, folder)))
const results = files.map((file) =>
  checkFile(relative(root, file).split(sep).join('/'), readFileSync(file, 'utf8'), workspaces),
)
const imports = results.reduce((sum, result) => sum + result.imports, 0)
const problems = [...results.flatMap((result) => result.problems), ...checkRecordRooms(root)]
if (imports === 0) problems.push(`Read ${files.length} files and no import in ${root}: nothing was checked.`)
for (const problem of problems) console.log(problem)
console.log(`${files.length} files, ${imports} imports, ${problems.length} problems`)
process.exitCode = problems.length === 0 ? 0 : 1
