'use strict'
const { spawn } = require('node:child_process')
const fs = require('node:fs')
const path = require('node:path')
const { LaunchError, outcomeOf } = require('./child.cjs')
const { addToLock, releaseLock, takeLock } = require('./lock.cjs')

const npmCi = ['ci', '--include=dev', '--include=optional', '--no-audit', '--no-fund', '--loglevel=error']

/** Whether node_modules holds what package-lock.json lists for this machine, by npm's own record of what it did. */
function isInstalled(root) {
  const wanted = readPackages(path.join(root, 'package-lock.json'))
  if (wanted === undefined)
    throw new LaunchError(`${root} has no readable package-lock.json: clone the repository again.`)
  // npm writes this record last, so an install that was interrupted has none.
  const present = readPackages(path.join(root, 'node_modules', '.package-lock.json')) ?? {}
  const isComplete = Object.entries(wanted).every(([name, entry]) =>
    name in present ? isSame(entry, present[name]) : name === '' || isForAnotherMachine(entry),
  )
  return isComplete && Object.keys(present).every((name) => name in wanted)
}

function readPackages(file) {
  try {
    return JSON.parse(fs.readFileSync(file, 'utf8')).packages
  } catch {
    return undefined
  }
}

function isSame(a, b) {
  return a.version === b.version && a.integrity === b.integrity && Boolean(a.link) === Boolean(b.link)
}

/** npm's record omits the optional packages that are for other machines, and what only those depend on. */
function isForAnotherMachine({ optional, os, cpu, libc }) {
  if (!optional) return false
  if (!os && !cpu && !libc) return true
  return !(names(os, () => process.platform) && names(cpu, () => process.arch) && names(libc, thisLibc))
}

function names(list, current) {
  if (!list) return true
  const value = current()
  if (list.includes(`!${value}`)) return false
  return list.includes(value) || list.every((item) => item.startsWith('!'))
}

function thisLibc() {
  return process.report.getReport().header.glibcVersionRuntime ? 'glibc' : 'musl'
}

/** Installs the packages; when two starts come at once, the second waits and then finds them there. */
async function install(root) {
  const npm = findNpm()
  if (npm === undefined) throw new LaunchError('Latchkey has to install its packages, and finds no npm: install npm.')
  const lock = path.join(root, '.cache', 'install.lock')
  const say = (words) => process.stderr.write(`Latchkey: ${words}\n`)
  await takeLock(lock, () => say('another start is installing the packages; waiting for it'))
  try {
    if (isInstalled(root)) return
    say('installing the packages that package-lock.json lists (npm ci)')
    await runNpmCi(root, npm, lock)
    if (!isInstalled(root))
      throw new LaunchError('npm ci ended well, but node_modules is not what package-lock.json lists.')
  } finally {
    releaseLock(lock)
  }
}

async function runNpmCi(root, npm, lock) {
  // npm's own Node where it is known: ours may lie in the folder that npm is about to remove.
  const starter = process.env.npm_node_execpath
  const node = starter && fs.existsSync(starter) ? starter : process.execPath
  // npm's words go to stderr: stdout belongs to the entry.
  const child = spawn(node, [npm, ...npmCi], { cwd: root, stdio: ['ignore', 2, 2] })
  // npm outlives a launcher that is killed, and must not meet a second npm.
  if (child.pid !== undefined) addToLock(lock, child.pid)
  const outcome = await outcomeOf(child)
  if (outcome !== 0) throw new LaunchError(`npm ci ended with ${outcome}; its words above say why.`)
}

/** The npm that runs us, else the one beside node, else the one on the PATH; as a script that node can run. */
function findNpm() {
  const bin = path.dirname(process.execPath)
  const onPath = (process.env.PATH ?? '').split(path.delimiter).filter(Boolean)
  const candidates = [
    path.join(path.dirname(process.env.npm_execpath ?? '/'), 'npm-cli.js'),
    path.join(bin, '..', 'lib', 'node_modules', 'npm', 'bin', 'npm-cli.js'),
    path.join(bin, 'node_modules', 'npm', 'bin', 'npm-cli.js'),
    ...onPath.map((folder) => path.join(folder, 'npm')),
    ...onPath.map((folder) => path.join(folder, 'node_modules', 'npm', 'bin', 'npm-cli.js')),
  ]
  const files = candidates.filter((file) => fs.existsSync(file)).map((file) => fs.realpathSync(file))
  return files.find((file) => path.basename(file) === 'npm-cli.js')
}

module.exports = { install, isInstalled }
