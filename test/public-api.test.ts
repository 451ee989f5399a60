// Every `@example` in the sources compiles as it stands, with the public API in scope, and for what is internal the
// example's own room; and so does what the README and docs/browser.md show. What a room exports is documented.

import { spawn } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, relative, resolve, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'

const root = resolve(fileURLToPath(import.meta.url), '../..')
const src = join(root, 'src')
const packageJson = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
  exports: Record<string, string | Record<string, string>>
}

const files = readdirSync(src, { recursive: true, encoding: 'utf8' })
  .map((file) => join(src, file))
  .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'))
  .sort()

interface Example {
  readonly file: string
  /** The line, counted from 1, of the first line of code. */
  readonly line: number
  readonly code: readonly string[]
}

/** The code after each `@example`, up to the next tag or the comment's end. */
function examplesOf(file: string): Example[] {
  const lines = readFileSync(file, 'utf8').split('\n')
  return lines.flatMap((text, i) => {
    if (!/^\s*\* @example\s*$/.test(text)) return []
    const length = lines.slice(i + 1).findIndex((line) => /^\s*(\*\/|\* @\w+)/.test(line))
    const code = lines.slice(i + 1, i + 1 + length).map((line) => line.replace(/^\s*\* ?/, '').replace(/^```.*/, ''))
    return [{ file, line: i + 2, code }]
  })
}

/** The blocks of TypeScript in a Markdown file. */
function fencedExamplesOf(file: string): Example[] {
  const lines = readFileSync(file, 'utf8').split('\n')
  return lines.flatMap((text, i) => {
    if (text !== '```ts') return []
    const length = lines.slice(i + 1).indexOf('```')
    return [{ file, line: i + 2, code: lines.slice(i + 1, i + 1 + length) }]
  })
}

/** The names that a module exports, those of the modules it passes on included. */
function exportsOf(file: string): string[] {
  const code = readFileSync(file, 'utf8')
  const declared = [
    ...code.matchAll(/^export (?:abstract |async )?(?:function\*?|const|class|interface|type|enum) (\w+)/gm),
  ]
  const lists = [...code.matchAll(/^export (?:type )?\{([^}]*)\}/gm)].flatMap(([, list = '']) => list.split(','))
  const passedOn = [...code.matchAll(/^export \* from '(\.[^']+)\.js'/gm)]
  return [
    ...declared.map(([, name = '']) => name),
    ...lists.map((item) => /(\w+)\s*$/.exec(item)?.[1] ?? ''),
    ...passedOn.flatMap(([, path = '']) => exportsOf(join(dirname(file), `${path}.ts`))),
  ].filter((name) => name !== '')
}

/** Where the public names come from: every room's index, and the package's own. */
const indexes = files.filter((file) => /^(\w+\/)?index(\.node)?\.ts$/.test(relative(src, file).split(sep).join('/')))
const rootFiles = files.filter((file) => dirname(file) === src && !indexes.includes(file))
const publicNames = new Map([...indexes, ...rootFiles].map((file) => [file, exportsOf(file)]))

/** A module with an example in it, whose first line of code is on the module's second line. */
function moduleOf({ file, code }: Example): string {
  const words = new Set(code.join('\n').match(/\w+/g))
  const isImport = (line: string): boolean => line.startsWith('import ')
  const present = new Set(code.filter(isImport).join('\n').match(/\w+/g))
  const nearest = (a: string, b: string): number =>
    Number(dirname(b) === dirname(file)) - Number(dirname(a) === dirname(file))
  const scope = [
    file,
    ...[...publicNames.keys()].sort(nearest),
    ...files.filter((other) => dirname(other) === dirname(file)),
  ]
  const imports = scope.map((from) => {
    const names = publicNames.get(from) ?? exportsOf(from)
    const wanted = [...new Set(names)].filter((name) => words.has(name) && !present.has(name))
    for (const name of wanted) present.add(name)
    return wanted.length === 0 ? '' : `import { ${wanted.join(', ')} } from '${from.replace(/\.ts$/, '.js')}'; `
  })
  const own = code.filter(isImport).map((line) => `${line}; `)
  const body = code.map((line) => (isImport(line) ? '' : line))
  return [`${[...imports, ...own].join('')}export async function example() {`, ...body, '}', ''].join('\n')
}

/** The sources of the package's doors, as Node opens them: `bertkin/data` → src/data/index.node.ts. */
function doors(): Record<string, [string]> {
  const targets = Object.entries(packageJson.exports).map(
    ([name, target]) => [name, typeof target === 'string' ? target : (target.node ?? target.default ?? '')] as const,
  )
  const modules = targets.filter(([, path]) => path.endsWith('.js'))
  return Object.fromEntries(
    modules.map(([name, path]) => [
      name.replace('.', 'bertkin'),
      [join(root, path.replace('./dist/', 'src/').replace(/js$/, 'ts'))],
    ]),
  )
}

/** Type-checks a folder; returns the compiler's messages. */
function typeCheck(folder: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const compiler = spawn(join(root, 'node_modules/.bin/tsc'), ['-p', folder, '--pretty', 'false'], { cwd: folder })
    let output = ''
    compiler.stdout.on('data', (chunk) => {
      output += chunk
    })
    compiler.on('error', reject)
    compiler.on('close', () => resolve(output))
  })
}

it('every @example compiles', async () => {
  const pages = ['README.md', 'docs/browser.md'].map((page) => join(root, page))
  const examples = [...files.flatMap(examplesOf), ...pages.flatMap(fencedExamplesOf)]
  expect(examples.length).toBeGreaterThan(4)
  const folder = mkdtempSync(join(tmpdir(), 'bertkin-examples-'))
  try {
    examples.forEach((example, i) => {
      writeFileSync(join(folder, `example${i}.mts`), moduleOf(example))
    })
    const compilerOptions = {
      rootDir: '/',
      typeRoots: [join(root, 'node_modules/@types')],
      verbatimModuleSyntax: false,
      noUnusedLocals: false,
      noUnusedParameters: false,
      paths: {
        '#runtime/backend': [join(src, 'runtime/backend.node.ts')],
        '#checkpoint/files': [join(src, 'checkpoint/files.node.ts')],
        ...doors(),
      },
    }
    const config = { extends: join(root, 'tsconfig.json'), compilerOptions, include: ['*.mts'] }
    writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(config))
    // A line for every mistake, by the place of the example; mistakes elsewhere are the type check's to report.
    const mistakes: string[] = []
    const check = async (): Promise<readonly number[]> => {
      const output = await typeCheck(folder)
      expect(output, 'the compiler ran').not.toMatch(/^error TS/m)
      const found = [...output.matchAll(/example(\d+)\.mts\((\d+),\d+\): (.*)/g)]
      for (const [, number, line, message] of found) {
        const { file, line: start } = examples[Number(number)]!
        mistakes.push(`${relative(root, file)}:${start + Number(line) - 2}: ${message}`)
      }
      return found.map(([, number]) => Number(number))
    }
    // An example that is no TypeScript at all keeps the compiler from looking at the others: they are looked at again.
    const wrong = await check()
    if (wrong.length > 0) {
      for (const number of wrong) rmSync(join(folder, `example${number}.mts`), { force: true })
      await check()
    }
    expect(mistakes).toEqual([])
  } finally {
    rmSync(folder, { recursive: true })
  }
})

/** The docstring that ends right above line `end`, counted from 0; '' if there is none. */
function docstringAbove(lines: readonly string[], end: number): string {
  if (!lines[end - 1]?.endsWith('*/')) return ''
  const start = lines.slice(0, end).findLastIndex((line) => line.startsWith('/**'))
  return lines.slice(start, end).join('\n')
}

it('what a room exports has a docstring, and every function an @example', () => {
  // One operator a line, one line of documentation each.
  const table = 'graph/operators/elementwise.ts'
  const roomOf = (path: string): string => (path.includes('/') ? path.slice(0, path.indexOf('/')) : '')
  const pathOf = (file: string): string => relative(src, file).split(sep).join('/')
  const offenders: string[] = []
  let examined = 0
  for (const file of files.filter((file) => !pathOf(file).includes('/testing/'))) {
    const path = pathOf(file)
    const ownIndexes = indexes.filter((index) => roomOf(pathOf(index)) === roomOf(path))
    const exported = new Set(ownIndexes.flatMap((index) => publicNames.get(index) ?? []))
    const seen = new Set<string>() // of an overloaded function, the first declaration is documented
    const lines = readFileSync(file, 'utf8').split('\n')
    lines.forEach((line, i) => {
      const found = /^export (?:abstract |async )?(function\*?|class|const) (\w+)(.*)/.exec(line)
      const [, kind = '', name = '', rest = ''] = found ?? []
      if (!exported.has(name) || seen.has(name)) return
      seen.add(name)
      examined++
      const documentation = docstringAbove(lines, i)
      const isFunction = kind.startsWith('function') || (kind === 'const' && /= (async )?(\(|\w+\()/.test(rest))
      const lacks = (what: string): number => offenders.push(`src/${path}:${i + 1}: ${name} has no ${what}`)
      if (documentation === '') lacks('docstring')
      else if (isFunction && path !== table && !/^ \* @example$/m.test(documentation)) lacks('@example')
    })
  }
  expect(examined).toBeGreaterThan(100)
  expect(offenders).toEqual([])
})
