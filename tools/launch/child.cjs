'use strict'

/** A reason not to start that is told in one line, without a stack. */
class LaunchError extends Error {
  constructor(message, exitCode = 1) {
    super(message)
    this.exitCode = exitCode
  }
}

/** Passes our signals on until the child ends; resolves to its exit code, or the name of the signal that ended it. */
async function outcomeOf(child) {
  const pass = (signal) => {
    // A terminal has already told the whole foreground group.
    if (signal === 'SIGTERM' || !process.stdin.isTTY) child.kill(signal)
  }
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT']
  for (const signal of signals) process.on(signal, pass)
  try {
    return await new Promise((resolve, reject) => {
      child.on('error', reject)
      child.on('close', (code, signal) => resolve(signal ?? code))
    })
  } finally {
    for (const signal of signals) process.off(signal, pass)
  }
}

module.exports = { LaunchError, outcomeOf }
