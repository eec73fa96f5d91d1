import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { brotliCompressSync, brotliDecompressSync, gunzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Assets, findAsset, loadAssets } from './assets.ts'
import { samplePages } from './testing/samples.ts'

let folder: string
let assets: Assets

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'latchkey-assets-'))
  assets = await loadAssets(folder)
}, 30_000)
afterAll(() => rm(folder, { recursive: true, force: true }))

describe('The files of the pages', () => {
  it('have addresses that follow their content and are the same at the next start', async () => {
    expect((await loadAssets(folder)).urls).toEqual(assets.urls)
    for (const url of Object.values(assets.urls))
      expect(url).toMatch(/^\/assets\/[a-z-]+-[A-Za-z0-9]{8,}\.(css|js|svg)$/)
  })

  it('are what their compressed forms hold', () => {
    for (const { body, brotli, gzip } of assets.files.values()) {
      expect(brotliDecompressSync(brotli)).toEqual(body)
      expect(gunzipSync(gzip)).toEqual(body)
    }
  })

  it('need nothing from elsewhere and evaluate nothing', () => {
    const scripts = [...assets.files].filter(([path]) => path.endsWith('.js')).map(([, { body }]) => String(body))
    expect(scripts).toHaveLength(2)
    for (const script of scripts) expect(script).not.toMatch(/\bimport\s*[({"'*]|\bfrom\s*["']|\beval\(|new Function/)
    const style = String(assets.files.get(assets.urls['style.css'])?.body)
    expect(style).not.toMatch(/url\(|@import/)
  })

  it('keep a whole sign-in page within 20 KB', () => {
    const page = samplePages(assets.urls).identify ?? ''
    const names = ['style.css', 'sign-in.js', 'icon.svg'] as const
    const sizes = names.map((name) => assets.files.get(assets.urls[name])?.gzip.length ?? Number.NaN)
    const total = brotliCompressSync(page).length + sizes.reduce((sum, size) => sum + size, 0)
    expect(total).toBeLessThan(20_000)
  })

  it('include the stylesheet of any accent, and nothing else that is asked for', async () => {
    expect((await findAsset(assets, '/assets/accent-0a7f5a.css'))?.contentType).toBe('text/css; charset=utf-8')
    expect(await findAsset(assets, assets.urls['style.css'])).toBeDefined()
    for (const path of ['/assets/', '/assets/style.css', '/assets/../assets.ts', '/assets/accent-x.css', '/__proto__'])
      expect(await findAsset(assets, path)).toBeUndefined()
  })

  it('say what is wrong when they cannot be kept', async () => {
    const file = join(folder, 'a-file')
    await writeFile(file, '')
    await expect(loadAssets(file)).rejects.toMatchObject({
      code: 'assets_not_bundled',
      message: expect.stringContaining(file),
    })
  })
})
