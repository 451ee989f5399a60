// Holds the rooms apart. Imports go downwards only; what a room may know of is in the table below, and a room is
// entered through its index. Tests, and what only tests use (folders named `testing`), may import anything.

import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'

const everything = 'everything'

/** What each room may import, besides itself. `type runtime`: its types only. */
const mayImport: Readonly<Record<string, readonly string[] | typeof everything>> = {
  errors: [],
  random: [],
  protobuf: [],
  savedJson: [],
  counted: [],
  plainError: ['errors'],
  graph: ['errors', 'protobuf'],
  runtime: ['errors', 'graph'],
  checkpoint: ['errors'],
  tokenizer: ['errors'],
  data: ['errors', 'random', 'savedJson'],
  metric: ['errors'],
  model: ['errors', 'random', 'graph', 'runtime', 'checkpoint'],
  objective: ['errors', 'random', 'graph', 'type runtime', 'model', 'data'],
  train: [
    ...['errors', 'random', 'plainError', 'graph', 'runtime', 'checkpoint'],
    ...['model', 'data', 'objective', 'metric'],
  ],
  report: ['errors', 'protobuf', 'counted', 'checkpoint', 'model'],
  recipe: [
    ...['errors', 'random', 'graph', 'runtime', 'checkpoint', 'tokenizer'],
    ...['data', 'model', 'objective', 'train', 'type report'],
  ],
  pipeline: ['errors', 'runtime', 'checkpoint', 'tokenizer', 'model'],
  finetune: [
    ...['errors', 'random', 'counted', 'runtime', 'checkpoint', 'tokenizer', 'data', 'metric'],
    ...['model', 'objective', 'train', 'pipeline'],
  ],
  index: [
    ...['errors', 'random', 'graph', 'runtime', 'checkpoint', 'tokenizer'],
    ...['data', 'model', 'objective', 'metric', 'train', 'pipeline'],
  ],
  browser: [
    ...['errors', 'random', 'plainError', 'runtime', 'checkpoint', 'tokenizer', 'data', 'model'],
    ...['objective', 'train', 'recipe', 'pipeline', 'finetune', 'type report'],
  ],
  cli: everything,
  conformance: everything,
}

/** Packages that only some rooms may import. */
const packageRooms: Readonly<Record<string, readonly string[]>> = {
  'onnxruntime-node': ['runtime'],
  'onnxruntime-web': ['runtime'],
  commander: ['cli'],
  picocolors: ['cli'],
  hyparquet: ['data'],
}

/** Where Node's own modules may be imported. */
const mayImportNode = (file: string): boolean =>
  file.endsWith('.node.ts') || ['cli', 'conformance'].includes(roomOf(file))

// ── reading the sources ─────────────────────────────────────────────────────────────────────────────────────────────

interface Import {
  readonly file: string
  /** A file under src, or a package. */
  readonly target: string
  readonly isPackage: boolean
  /** Erased when compiled. */
  readonly typeOnly: boolean
}

const root = resolve(fileURLToPath(import.meta.url), '../..')
const src = join(root, 'src')
const packageJson = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
  imports: Record<string, Record<string, string>>
}

const files = readdirSync(src, { recursive: true, encoding: 'utf8' })
  .map((file) => file.split(sep).join('/'))
  .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts') && !file.includes('testing/'))
  .sort()

/** `graph` for graph/shape.ts; `errors` and `index` for the files beside the rooms. */
function roomOf(file: string): string {
  const [first = '', ...rest] = file.split('/')
  return rest.length > 0 ? first : first.replace(/(\.node|\.web)?\.ts$/, '')
}

function importsOf(file: string): Import[] {
  const isComment = (line: string): boolean => /^\s*(\/\/|\/?\*)/.test(line)
  const code = readFileSync(join(src, file), 'utf8')
    .split('\n')
    .filter((line) => !isComment(line))
    .join('\n')
  const statements = [...code.matchAll(/^\s*(?:import|export)\s(type\s)?[^'"`;=]*?from\s*'([^']+)'/gm)]
  const bare = [...code.matchAll(/^\s*import\s*()'([^']+)'/gm)]
  const dynamic = [...code.matchAll(/\bimport\s*(?:\.meta\.resolve)?\(()\s*'([^']+)'/g)]
  return [...statements, ...bare, ...dynamic].flatMap(([, type, specifier = '']) => {
    const typeOnly = type !== undefined && type !== ''
    return targetsOf(file, specifier).map((target) => ({ file, ...target, typeOnly }))
  })
}

/** What a specifier stands for; a `#…` of package.json's "imports" stands for the file of every platform. */
function targetsOf(file: string, specifier: string): { target: string; isPackage: boolean }[] {
  if (specifier.startsWith('#')) {
    const byPlatform = Object.values(packageJson.imports[specifier] ?? {})
    return byPlatform.map((path) => ({ target: path.replace('./dist/', '').replace(/js$/, 'ts'), isPackage: false }))
  }
  if (!specifier.startsWith('.')) return [{ target: specifier, isPackage: true }]
  const target = relative(src, join(src, dirname(file), specifier))
    .split(sep)
    .join('/')
  return [{ target: target.replace(/\.js$/, '.ts'), isPackage: false }]
}

/** `onnxruntime-web` of `onnxruntime-web/wasm`. */
const packageOf = (target: string): string =>
  target
    .split('/')
    .slice(0, target.startsWith('@') ? 2 : 1)
    .join('/')

const imports = files.flatMap(importsOf)
const show = ({ file, target }: Import): string => `${file} → ${target}`

// ── the rules ───────────────────────────────────────────────────────────────────────────────────────────────────────

describe('architecture', () => {
  it('sees the imports at all', () => {
    expect(imports.length).toBeGreaterThan(files.length)
    expect(imports.map(show)).toContain('runtime/runtime.ts → graph/index.ts')
    expect(imports.map(show)).toContain('runtime/runtime.ts → runtime/backend.node.ts')
  })

  it('knows every room', () => {
    const unknown = new Set(files.map(roomOf).filter((room) => !(room in mayImport)))
    expect([...unknown]).toEqual([])
  })

  it('rooms import only what they may know of', () => {
    const wrong = imports.filter(({ file, target, isPackage, typeOnly }) => {
      const [from, to] = [roomOf(file), roomOf(target)]
      if (isPackage || from === to) return false
      const allowed = mayImport[from] ?? []
      return allowed !== everything && !allowed.includes(to) && !(typeOnly && allowed.includes(`type ${to}`))
    })
    expect(wrong.map(show)).toEqual([])
  })

  it('rooms are entered through their index', () => {
    const wrong = imports.filter(
      ({ file, target, isPackage }) =>
        !isPackage && roomOf(file) !== roomOf(target) && !/^(\w+|\w+\/index(\.node)?)\.ts$/.test(target),
    )
    expect(wrong.map(show)).toEqual([])
  })

  it('packages are imported only in the rooms that they belong to', () => {
    const wrong = imports.filter(({ file, target, isPackage }) => {
      const rooms = packageRooms[packageOf(target)]
      return isPackage && rooms !== undefined && !rooms.includes(roomOf(file))
    })
    expect(wrong.map(show)).toEqual([])
  })

  it('only files for Node import Node’s modules', () => {
    const wrong = imports.filter(({ file, target }) => target.startsWith('node:') && !mayImportNode(file))
    expect(wrong.map(show)).toEqual([])
  })

  it('imports lead to files that exist', () => {
    const wrong = imports.filter(({ target, isPackage }) => !isPackage && !files.includes(target))
    expect(wrong.map(show)).toEqual([])
  })

  it('no file imports itself by way of others', () => {
    // Imports of types are erased, and may go round.
    const executed = imports.filter(({ isPackage, typeOnly }) => !isPackage && !typeOnly)
    const targets = (from: string): string[] => executed.filter(({ file }) => file === from).map(({ target }) => target)
    const done = new Set<string>()
    const cycles: string[] = []
    const visit = (file: string, path: readonly string[]): void => {
      if (path.includes(file)) cycles.push([...path.slice(path.indexOf(file)), file].join(' → '))
      else if (!done.has(file)) for (const target of targets(file)) visit(target, [...path, file])
      done.add(file)
    }
    for (const file of files) visit(file, [])
    expect(cycles).toEqual([])
  })
})
