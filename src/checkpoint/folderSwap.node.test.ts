import { spawn } from 'node:child_process'
import {
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { buildSync } from 'esbuild'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openFolder } from './files.node.js'
import { checkFolder, recoverFolder, writeFolderAtomically } from './folderSwap.node.js'
import { safetensorsChunks } from './safetensorsWriter.js'
import { openWeights } from './weights.js'

let root: string
let folder: string
let aside: string
beforeEach(() => {
  root = mkdtempSync(join(realpathSync(tmpdir()), 'bertkin-swap-'))
  folder = join(root, 'model')
  aside = join(root, '.model.bertkin-old')
})
afterEach(() => rmSync(root, { recursive: true }))

const CONFIG = '{"model_type": "bert"}'
const read = (name: string): string => readFileSync(join(folder, name), 'utf8')
const refused = async (message: string | RegExp): Promise<void> => {
  const writing = writeFolderAtomically(folder, { 'config.json': CONFIG })
  await expect(writing).rejects.toMatchObject({ code: 'file-write' })
  await expect(writing).rejects.toThrow(message)
}

describe('writeFolderAtomically', () => {
  it('makes a new folder, with parents, of text, bytes and chunks', async () => {
    folder = join(root, 'runs/a/model')
    const weights = safetensorsChunks([{ name: 'w', dtype: 'F32', shape: [1], data: new Float32Array([7]) }])
    const lines = (async function* () {
      yield new TextEncoder().encode('a\n')
      yield new TextEncoder().encode('b\n')
    })()
    await writeFolderAtomically(folder, {
      'config.json': CONFIG,
      'model.safetensors': weights,
      'vocab.txt': lines,
      empty: '',
    })
    const opened = await openFolder(folder)
    expect(await opened.readText('vocab.txt')).toBe('a\nb\n')
    expect(await (await openWeights(opened)).readFloat32('w')).toEqual(new Float32Array([7]))
    expect(readdirSync(folder).sort()).toEqual(['config.json', 'empty', 'model.safetensors', 'vocab.txt'])
    expect(readdirSync(join(root, 'runs/a'))).toEqual(['model'])
  })

  it('replaces a checkpoint, carrying over what it does not write, except older weights', async () => {
    mkdirSync(join(folder, 'notes/deep'), { recursive: true })
    writeFileSync(join(root, 'blob'), 'linked')
    const old = ['config.json', 'README.md', 'tokenizer.json', 'notes/deep/a', 'model-00001-of-00002.safetensors']
    for (const name of [...old, 'model.safetensors.index.json', 'pytorch_model.bin'])
      writeFileSync(join(folder, name), CONFIG)
    symlinkSync('../blob', join(folder, 'link'))
    await writeFolderAtomically(folder, { 'config.json': '{"model_type": "electra"}', 'model.safetensors': 'new' })
    expect(readdirSync(folder).sort()).toEqual(
      ['README.md', 'config.json', 'link', 'model.safetensors', 'notes', 'tokenizer.json'].sort(),
    )
    expect(read('config.json')).toContain('electra')
    expect(read('notes/deep/a')).toBe(CONFIG)
    expect(read('link')).toBe('linked')
    expect(lstatSync(join(folder, 'link')).isSymbolicLink()).toBe(true)
    expect(readdirSync(root).sort()).toEqual(['blob', 'model'])
  })

  it('fills an empty folder, and replaces its own folders that have no config.json', async () => {
    mkdirSync(folder)
    await writeFolderAtomically(folder, { state: 'one' })
    await writeFolderAtomically(folder, { state: 'two' })
    expect(read('state')).toBe('two')
    await writeFolderAtomically(folder, { 'config.json': CONFIG })
    expect(readdirSync(folder).sort()).toEqual(['config.json', 'state'])
  })

  it('refuses every folder that is not a checkpoint', async () => {
    mkdirSync(folder)
    writeFileSync(join(folder, 'thesis.tex'), 'years of work')
    await refused('it holds files but no checkpoint')
    writeFileSync(join(folder, 'config.json'), '{"editor": "vi"}')
    await refused('it holds files but no checkpoint')
    writeFileSync(join(folder, 'config.json'), 'not JSON')
    await refused('it holds files but no checkpoint')
    expect(readdirSync(folder).sort()).toEqual(['config.json', 'thesis.tex'])
    expect(readdirSync(root)).toEqual(['model'])
    rmSync(folder, { recursive: true })
    writeFileSync(folder, 'a file')
    await refused('there is a file of that name')
    for (folder of ['/', '.', '..', join(process.cwd(), 'src/..')]) await refused('the current folder is in it')
  })

  it.each(['../evil', 'a/b', '..', '', '/tmp/x'])('refuses the file name %j', async (name) => {
    await expect(writeFolderAtomically(folder, { [name]: 'x' })).rejects.toThrow('not a plain file name')
    expect(readdirSync(root)).toEqual([])
  })

  it('leaves the old folder and nothing else when writing fails midway', async () => {
    await writeFolderAtomically(folder, { 'config.json': CONFIG, weights: 'old' })
    const failing = (function* (): Generator<Uint8Array> {
      yield new Uint8Array(1000)
      throw Object.assign(new Error('ENOSPC'), { code: 'ENOSPC' })
    })()
    const writing = writeFolderAtomically(folder, { 'config.json': '{"model_type": "electra"}', weights: failing })
    await expect(writing).rejects.toThrow(`Cannot write ${folder}: the disk is full (ENOSPC).`)
    expect(read('weights')).toBe('old')
    expect(read('config.json')).toBe(CONFIG)
    expect(readdirSync(root)).toEqual(['model'])
  })

  it('follows a link to the folder and keeps its permissions', async () => {
    mkdirSync(join(root, 'real'), { mode: 0o750 })
    writeFileSync(join(root, 'real/config.json'), CONFIG)
    symlinkSync('real', folder)
    await writeFolderAtomically(folder, { 'config.json': '{"model_type": "electra"}' })
    expect(lstatSync(folder).isSymbolicLink()).toBe(true)
    expect(readFileSync(join(root, 'real/config.json'), 'utf8')).toContain('electra')
    expect(statSync(join(root, 'real')).mode & 0o777).toBe(0o750)
    expect(readdirSync(root).sort()).toEqual(['model', 'real'])
  })

  it('does not reach through hard links', async () => {
    await writeFolderAtomically(folder, { 'config.json': CONFIG })
    linkSync(join(folder, 'config.json'), join(root, 'other-name'))
    await writeFolderAtomically(folder, { 'config.json': '{"model_type": "electra"}' })
    expect(readFileSync(join(root, 'other-name'), 'utf8')).toBe(CONFIG)
  })
})

describe('after a death between the two renames', () => {
  beforeEach(async () => {
    await writeFolderAtomically(folder, { 'config.json': CONFIG, state: 'old' })
    renameSync(folder, aside)
  })

  it('the previous checkpoint is read where it is, without changing anything', async () => {
    expect(await (await openFolder(folder)).readText('state')).toBe('old')
    expect(readdirSync(root)).toEqual(['.model.bertkin-old'])
    mkdirSync(folder)
    expect(await (await openFolder(folder)).readText('state')).toBe('old')
  })

  it('recoverFolder moves it back, over an empty folder too', async () => {
    mkdirSync(folder)
    await recoverFolder(folder)
    expect(read('state')).toBe('old')
    expect(readdirSync(root)).toEqual(['model'])
    await recoverFolder(folder)
    expect(read('state')).toBe('old')
  })

  it('the next writer carries its files over', async () => {
    await writeFolderAtomically(folder, { 'config.json': CONFIG })
    expect(read('state')).toBe('old')
    expect(readdirSync(root)).toEqual(['model'])
  })

  it('a new checkpoint in its place wins, and strangers’ files are an error', async () => {
    mkdirSync(folder)
    writeFileSync(join(folder, 'thesis.tex'), '')
    await refused('move one of them away')
    expect(existsSync(join(aside, 'state'))).toBe(true)
    writeFileSync(join(folder, 'config.json'), CONFIG)
    await recoverFolder(folder)
    expect(readdirSync(root)).toEqual(['model'])
  })
})

describe('killed at random moments', () => {
  const KILLS = 30

  it('leaves one whole checkpoint every time', async () => {
    const bundle = join(root, 'child.mjs')
    const here = fileURLToPath(new URL('.', import.meta.url))
    // Each version's files all name the version; the weights are many tensors of it.
    const contents = `
      import { writeFolderAtomically } from './files.node.ts'
      import { safetensorsChunks } from './safetensorsWriter.ts'
      let version = Number(process.argv[3])
      for (;; version++) {
        const files = { 'config.json': JSON.stringify({ model_type: 'bert', version }) }
        for (let i = 0; i < 4; i++) files['part' + i] = String(version)
        const data = new Float32Array(2000).fill(version)
        files['model.safetensors'] = safetensorsChunks(
          Array.from({ length: 4 }, (_, i) => ({ name: 't' + i, dtype: 'F32', shape: [2000], data })))
        await writeFolderAtomically(process.argv[2], files)
        if (version === Number(process.argv[3])) process.stdout.write('started')
      }`
    const stdin = { contents, resolveDir: here, loader: 'ts' } as const
    // Sources import each other as .js; the bundler finds the .ts files behind that.
    buildSync({ stdin, outfile: bundle, bundle: true, platform: 'node', format: 'esm' })

    await writeFolderAtomically(folder, { 'config.json': '{"model_type": "bert", "version": 0}', 'README.md': 'mine' })
    let last = 0
    let interrupted = 0
    for (let kill = 0; kill < KILLS; kill++) {
      const child = spawn(process.execPath, [bundle, folder, String(last + 1)], {
        stdio: ['ignore', 'pipe', 'inherit'],
      })
      const ended = new Promise((resolve) => child.once('exit', resolve))
      await new Promise((resolve) => child.stdout.once('data', resolve))
      await sleep(Math.random() * 40)
      child.kill('SIGKILL')
      await ended
      if (readdirSync(root).some((name) => name.includes('.bertkin-'))) interrupted++

      const opened = await openFolder(folder)
      const { version } = JSON.parse((await opened.readText('config.json')) ?? '') as { version: number }
      expect(version).toBeGreaterThan(last)
      for (let i = 0; i < 4; i++) expect(await opened.readText(`part${i}`)).toBe(String(version))
      const weights = await openWeights(opened)
      for (let i = 0; i < 4; i++) {
        const data = await weights.readFloat32(`t${i}`)
        expect(data.length).toBe(2000)
        expect(data.every((value) => value === version)).toBe(true)
      }
      expect(await opened.readText('README.md')).toBe('mine')
      last = version
    }
    // Otherwise the kills proved nothing.
    expect(interrupted).toBeGreaterThan(KILLS / 4)
    await writeFolderAtomically(folder, { 'config.json': CONFIG })
    expect(readdirSync(root).sort()).toEqual(['child.mjs', 'model'])
  })
})

describe('checkFolder', () => {
  it('says what is there, and leaves it', async () => {
    expect(await checkFolder(folder)).toBe('nothing')
    expect(existsSync(folder)).toBe(false)
    mkdirSync(folder)
    expect(await checkFolder(folder)).toBe('nothing')
    writeFileSync(join(folder, 'config.json'), CONFIG)
    expect(await checkFolder(folder)).toBe('checkpoint')
    expect(readdirSync(folder)).toEqual(['config.json'])
  })

  it('refuses what writing would refuse', async () => {
    mkdirSync(folder)
    writeFileSync(join(folder, 'thesis.tex'), '')
    await expect(checkFolder(folder)).rejects.toThrow('holds files but no checkpoint')
    await expect(checkFolder(join(folder, 'thesis.tex'))).rejects.toThrow('there is a file of that name')
    await expect(checkFolder(join(folder, 'thesis.tex', 'model'))).rejects.toThrow('a part of its path is a file')
    await expect(checkFolder('.')).rejects.toThrow('the current folder is in it')
    await expect(checkFolder('..')).rejects.toMatchObject({ code: 'file-write' })
  })
})
