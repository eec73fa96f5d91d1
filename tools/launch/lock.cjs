'use strict'
/** A lock file that names its owners' processes, so that one whose owners are all gone is taken over at once. */
const fs = require('node:fs')
const path = require('node:path')

/** Waits until this process holds the lock; `onWait` is called once if it has to. */
async function takeLock(lock, onWait) {
  fs.mkdirSync(path.dirname(lock), { recursive: true })
  for (let attempt = 0; !claim(lock); attempt += 1) {
    if (attempt === 1) onWait()
    await new Promise((resolve) => setTimeout(resolve, 200))
  }
}

function releaseLock(lock) {
  fs.rmSync(lock, { force: true })
}

/** The lock stands until this process and `pid` are both gone, or released it. */
function addToLock(lock, pid) {
  const mine = draftOf(lock)
  fs.writeFileSync(mine, describe([process.pid, pid]))
  fs.renameSync(mine, lock)
}

function draftOf(lock) {
  return `${lock}.${process.pid}`
}

function claim(lock) {
  const mine = draftOf(lock)
  fs.writeFileSync(mine, describe([process.pid]))
  try {
    // A hard link appears with its content or not at all.
    fs.linkSync(mine, lock)
    return true
  } catch (error) {
    if (error.code !== 'EEXIST') throw error
    removeIfStale(lock, mine)
    return false
  } finally {
    fs.rmSync(mine, { force: true })
  }
}

function removeIfStale(lock, aside) {
  try {
    const seen = fs.readFileSync(lock, 'utf8')
    if (ownersIn(seen).some(isAlive)) return
    fs.renameSync(lock, aside)
    // Another start removed the stale lock first and this one is its own: give it back.
    if (fs.readFileSync(aside, 'utf8') !== seen) fs.linkSync(aside, lock)
  } catch (error) {
    if (error.code !== 'ENOENT' && error.code !== 'EEXIST') throw error
  }
}

function describe(pids) {
  return JSON.stringify(pids.map((pid) => ({ pid, started: startOf(pid) })))
}

/** A lock that cannot be read, as after a power cut, has no owners. */
function ownersIn(text) {
  try {
    return JSON.parse(text)
  } catch {
    return []
  }
}

function isAlive({ pid, started }) {
  try {
    process.kill(pid, 0)
  } catch (error) {
    if (error.code !== 'EPERM') return false
  }
  return startOf(pid) === started
}

/** Tells a process from a later one with its number, which a restarted container gives out at once, and from a zombie. */
function startOf(pid) {
  try {
    const stat = fs.readFileSync(`/proc/${pid}/stat`, 'utf8')
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return fields[0] === 'Z' ? 'ended' : fields[19]
  } catch {
    return 'unknown'
  }
}

module.exports = { addToLock, releaseLock, takeLock }
