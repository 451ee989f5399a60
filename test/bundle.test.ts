// What a browser gets: every public entry, bundled for it, reaches neither Node's modules nor a file for Node; and the
// tokenizer alone reaches nothing but itself and the errors.

import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build, type Metafile, type Plugin } from 'esbuild'
import { describe, expect, it } from 'vitest'

const root = resolve(fileURLToPath(import.meta.url), '../..')
const packageJson = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
  exports: Record<string, string | Record<string, string>>
  imports: Record<string, Record<string, string>>
}

const toSource = (path: string): string => join(root, path.replace('./dist/', 'src/').replace(/\.js$/, '.ts'))

/** What a browser's conditions choose of an entry of "exports" or "imports". */
function forBrowser(target: string | Readonly<Record<string, string>>): string | undefined {
  if (typeof target === 'string') return target
  const chosen = Object.keys(target).find((condition) => ['browser', 'import', 'default'].includes(condition))
  return chosen === undefined ? undefined : target[chosen]
}

/** The public entries whose sources exist, by their names in "exports". */
const entries = Object.entries(packageJson.exports).flatMap(([name, target]) => {
  const path = forBrowser(target)
  if (!path?.endsWith('.js')) return []
  return existsSync(toSource(path)) ? [{ name, path: toSource(path) }] : []
})

/** Tests run the sources, "imports" name the build: this turns one into the other. */
const importsFromSource: Plugin = {
  name: 'imports-from-source',
  setup({ onResolve }) {
    onResolve({ filter: /^#/ }, ({ path }) => {
      const target = forBrowser(packageJson.imports[path] ?? {})
      return target === undefined
        ? { errors: [{ text: `"${path}" is nothing to a browser` }] }
        : { path: toSource(target) }
    })
  },
}

async function bundle(path: string): Promise<Metafile> {
  const { metafile } = await build({
    stdin: { contents: `export * from ${JSON.stringify(path)}`, resolveDir: root },
    absWorkingDir: root,
    bundle: true,
    write: false,
    metafile: true,
    format: 'esm',
    platform: 'browser',
    conditions: ['browser', 'import'],
    external: ['onnxruntime-web', 'onnxruntime-web/*', 'node:*'], // Node's modules are looked for below, by the file that imports them
    plugins: [importsFromSource],
    logLevel: 'silent',
  })
  return metafile
}

const sourcesOf = ({ inputs }: Metafile): string[] => Object.keys(inputs).filter((file) => file !== '<stdin>')

/** `file → package` for whatever is imported from outside the bundle. */
const externalsOf = ({ inputs }: Metafile): string[] =>
  Object.entries(inputs).flatMap(([file, { imports }]) =>
    imports.filter(({ external }) => external).map(({ path }) => `${file} → ${path}`),
  )

describe.each(entries)('$name in a browser', ({ path }) => {
  it('reaches nothing of Node’s, and no package but onnxruntime-web', async () => {
    const metafile = await bundle(path)
    expect(sourcesOf(metafile).filter((file) => file.endsWith('.node.ts'))).toEqual([])
    expect(sourcesOf(metafile).filter((file) => !file.startsWith('src/'))).toEqual([])
    expect(externalsOf(metafile).filter((edge) => !/→ onnxruntime-web(\/\w+)?$/.test(edge))).toEqual([])
  })
})

const tokenizer = entries.find(({ name }) => name === './tokenizer')

it.skipIf(!tokenizer)('the tokenizer stands alone', async () => {
  const metafile = await bundle(tokenizer!.path)
  const foreign = sourcesOf(metafile).filter((file) => !file.startsWith('src/tokenizer/') && file !== 'src/errors.ts')
  expect(foreign).toEqual([])
  expect(externalsOf(metafile)).toEqual([])
})

it('the runtime in a browser is onnxruntime-web', async () => {
  const metafile = await bundle(join(root, 'src/runtime/index.ts'))
  expect(sourcesOf(metafile)).toContain('src/runtime/backend.web.ts')
  // Each when it is chosen: neither is loaded for the other's sake.
  const edge = 'src/runtime/backend.web.ts → onnxruntime-web'
  expect(externalsOf(metafile)).toEqual([`${edge}/wasm`, `${edge}/webgpu`])
})
