/**
 * Loaded before the program of a server under test: says over IPC what the process has used when it is asked. The
 * program itself knows nothing of it.
 */
process.on('message', (question) => {
  if (question !== 'usage') return
  const { user, system } = process.cpuUsage()
  process.send?.({ cpuMs: (user + system) / 1000, rssBytes: process.memoryUsage.rss() })
})
// Whoever asked is gone: a server that nobody measures keeps a core busy for nothing.
process.on('disconnect', () => process.exit(1))
