/**
 * Bundles one script of the pages. Runs in a process of its own, started by `assets.ts`: the bundler takes 60 MB that
 * the server need not keep.
 *
 * Arguments: the entry, the file to write.
 */
import { rolldown } from 'rolldown'

const [entry, file] = process.argv.slice(2)
if (!entry || !file) throw new Error('bundle.ts needs an entry and a file to write')

const bundle = await rolldown({ input: entry, platform: 'browser', treeshake: true, logLevel: 'warn' })
await bundle.write({ file, format: 'es', minify: true, sourcemap: false })
await bundle.close()
