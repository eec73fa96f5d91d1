// Makes the tarball that is published: dist instead of sources, and a package.json that says so.
// Node runs no TypeScript under node_modules, and `npm pack` does not apply `publishConfig.exports`.
// Usage: node pack.mjs [folder for the tarball]; prints the path of the tarball.
import { execFileSync } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'

const here = import.meta.dirname
const target = resolve(process.argv[2] ?? here)
const staging = mkdtempSync(join(tmpdir(), 'latchkey-webauthn-'))

function entry(name) {
  return { types: `./dist/${name}.d.ts`, default: `./dist/${name}.js` }
}

try {
  const typescript = createRequire(import.meta.url).resolve('typescript/package.json')
  const tsc = join(dirname(typescript), JSON.parse(readFileSync(typescript, 'utf8')).bin.tsc)
  const build = ['-p', join(here, 'tsconfig.build.json'), '--outDir', join(staging, 'dist')]
  execFileSync(process.execPath, [tsc, ...build], { stdio: ['ignore', 2, 2] })
  cpSync(join(here, 'README.md'), join(staging, 'README.md'))
  const manifest = JSON.parse(readFileSync(join(here, 'package.json'), 'utf8'))
  const published = {
    ...manifest,
    exports: { '.': entry('index'), './testing': entry('testing/index') },
    files: ['dist', 'README.md'],
  }
  // Only tests compare with other libraries.
  delete published.devDependencies
  writeFileSync(join(staging, 'package.json'), `${JSON.stringify(published, null, 2)}\n`)
  const npm = ['pack', '--json', '--ignore-scripts', '--pack-destination', target]
  const [{ filename }] = JSON.parse(execFileSync('npm', npm, { cwd: staging, encoding: 'utf8' }))
  console.log(join(target, filename))
} finally {
  rmSync(staging, { recursive: true })
}
