// What a browser gets: every public entry, bundled for it, reaches neither Node's modules nor a file for Node; and the
// tokenizer alone reaches nothing but itself and the errors.

import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { build, type Metafile } from 'esbuild'
import { describe, expect, it } from 'vitest'
import { forBrowser, importsFromSource, packageJson, root, toSource } from './browser/support/fromSource.js'

/** The public entries whose sources exist, by their names in "exports". */
const entries = Object.entries(packageJson.exports).flatMap(([name, target]) => {
  const path = forBrowser(target)
  if (!path?.endsWith('.js')) return []
  return existsSync(toSource(path)) ? [{ name, path: toSource(path) }] : []
})

interface Bundle {
  readonly metafile: Metafile
  /** Kilobytes that a page loads, minified and compressed, before anything is asked for: dynamic imports apart. */
  readonly kilobytes: number
}

async function bundle(path: string): Promise<Bundle> {
  const { metafile, outputFiles } = await build({
    entryPoints: [path],
    absWorkingDir: root,
    bundle: true,
    write: false,
    outdir: root,
    minify: true,
    metafile: true,
    format: 'esm',
    platform: 'browser',
    conditions: ['browser', 'import'],
    external: ['onnxruntime-web', 'onnxruntime-web/*', 'node:*'], // Node's modules are looked for below, by the file that imports them
    plugins: [importsFromSource],
    logLevel: 'silent',
  })
  return { metafile, kilobytes: gzipSync(outputFiles[0]!.contents, { level: 9 }).length / 1000 }
}

const sourcesOf = ({ inputs }: Metafile): string[] => Object.keys(inputs)

/** `file → package` for whatever is imported from outside the bundle. */
const externalsOf = ({ inputs }: Metafile): string[] =>
  Object.entries(inputs).flatMap(([file, { imports }]) =>
    imports.filter(({ external }) => external).map(({ path }) => `${file} → ${path}`),
  )

/**
 * The most kilobytes that each entry may have in a page, minified and compressed, without ONNX Runtime. A new entry gets
 * its own; one that outgrows it wants a look at what it has come to import.
 */
const CEILINGS: Readonly<Record<string, number>> = {
  '.': 92,
  './graph': 12,
  './runtime': 11,
  './checkpoint': 22,
  './tokenizer': 48,
  './model': 44,
  './objective': 21,
  './data': 18,
  './metric': 4,
  './train': 22,
  './pipeline': 92,
  './finetune': 115,
  './recipe': 98,
  './report': 24,
  './browser': 6, // the page's side alone: the rest is in the worker
  './browser/worker': 140,
}

describe.each(entries)('$name in a browser', ({ name, path }) => {
  it('reaches nothing of Node’s, no package but onnxruntime-web, and is no larger than it was', async () => {
    const { metafile, kilobytes } = await bundle(path)
    expect(CEILINGS, 'every entry has a ceiling').toHaveProperty([name])
    expect(kilobytes).toBeLessThan(CEILINGS[name]!)
    expect(sourcesOf(metafile).filter((file) => file.endsWith('.node.ts'))).toEqual([])
    expect(sourcesOf(metafile).filter((file) => !file.startsWith('src/'))).toEqual([])
    expect(externalsOf(metafile).filter((edge) => !/→ onnxruntime-web(\/\w+)?$/.test(edge))).toEqual([])
  })
})

const tokenizer = entries.find(({ name }) => name === './tokenizer')

it.skipIf(!tokenizer)('the tokenizer stands alone', async () => {
  const { metafile, kilobytes } = await bundle(tokenizer!.path)
  const foreign = sourcesOf(metafile).filter((file) => !file.startsWith('src/tokenizer/') && file !== 'src/errors.ts')
  expect(foreign).toEqual([])
  expect(kilobytes).toBeLessThan(60)
  expect(externalsOf(metafile)).toEqual([])
})

it('the runtime in a browser is onnxruntime-web', async () => {
  const { metafile } = await bundle(join(root, 'src/runtime/index.ts'))
  expect(sourcesOf(metafile)).toContain('src/runtime/backend.web.ts')
  // Each when it is chosen: neither is loaded for the other's sake.
  const edge = 'src/runtime/backend.web.ts → onnxruntime-web'
  expect(externalsOf(metafile)).toEqual([`${edge}/wasm`, `${edge}/webgpu`])
})
