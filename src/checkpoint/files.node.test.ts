import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { CheckpointError } from './error.js'
import { isInnerName } from './files.js'
import { openCheckpoint, openFolder } from './files.node.js'

let root: string
let folder: string
beforeEach(() => {
  root = mkdtempSync(join(realpathSync(tmpdir()), 'bertkin-files-'))
  folder = join(root, 'model')
  mkdirSync(folder)
})
afterEach(() => rmSync(root, { recursive: true }))

describe('openFolder', () => {
  it('reads text and bytes, and says undefined for what is not there', async () => {
    writeFileSync(join(folder, 'config.json'), '\ufeff{"a": "ü"}')
    mkdirSync(join(folder, 'onnx'))
    writeFileSync(join(folder, 'onnx/data'), new Uint8Array([0, 1, 2, 3]))
    const opened = await openFolder(folder)
    expect(opened.name).toBe(folder)
    expect(await opened.readText('config.json')).toBe('{"a": "ü"}')
    const source = await opened.open('onnx/data')
    expect(source?.byteLength).toBe(4)
    expect([...((await source?.slice(1, 3)) ?? [])]).toEqual([1, 2])
    expect(await source?.slice(4, 4)).toEqual(new Uint8Array(0))
    expect(await opened.open('nothing')).toBeUndefined()
    expect(await opened.open('config.json/within')).toBeUndefined()
    expect(await opened.readText('nothing')).toBeUndefined()
  })

  it('resolves links for memory mapping', async () => {
    writeFileSync(join(root, 'blob'), 'x')
    symlinkSync('../blob', join(folder, 'model.safetensors'))
    symlinkSync('model', join(root, 'link'))
    const opened = await openFolder(join(root, 'link'))
    expect(opened.path?.('model.safetensors')).toBe(join(root, 'blob'))
    expect(await opened.readText('model.safetensors')).toBe('x')
  })

  it('names the folder that is missing', async () => {
    const missing = openFolder(join(root, 'nowhere'))
    await expect(missing).rejects.toMatchObject({ code: 'file-missing' })
    await expect(missing).rejects.toThrow(join(root, 'nowhere'))
    writeFileSync(join(root, 'file'), '')
    await expect(openFolder(join(root, 'file'))).rejects.toThrow('is not a folder')
  })

  it.each(['', ' '])('asks for the name of a checkpoint where it is %j', async (name) => {
    await expect(openCheckpoint(name)).rejects.toThrow('The name of the checkpoint is empty')
  })

  it.each(['../secret', '/etc/passwd', 'a/../../b', '', 'a//b', '.', 'a\\..\\b', 'a\0b'])(
    'refuses the name %j',
    async (name) => {
      expect(isInnerName(name)).toBe(false)
      const opened = await openFolder(folder)
      await expect(opened.open(name)).rejects.toBeInstanceOf(CheckpointError)
    },
  )

  it('refuses folders in the place of files, and text that is not UTF-8', async () => {
    mkdirSync(join(folder, 'config.json'))
    writeFileSync(join(folder, 'vocab.txt'), new Uint8Array([0x61, 0xff]))
    const opened = await openFolder(folder)
    await expect(opened.open('config.json')).rejects.toThrow('not a regular file')
    await expect(opened.readText('vocab.txt')).rejects.toMatchObject({ code: 'file-malformed' })
  })

  it.skipIf(process.getuid?.() === 0)('says that a file may not be read (skipped for root)', async () => {
    writeFileSync(join(folder, 'secret'), 'x')
    chmodSync(join(folder, 'secret'), 0)
    const source = await (await openFolder(folder)).open('secret')
    await expect(source?.slice(0, 1)).rejects.toThrow('permission denied (EACCES)')
  })

  it('fails rather than mix two checkpoints', async () => {
    writeFileSync(join(folder, 'config.json'), 'one')
    writeFileSync(join(folder, 'weights'), 'one')
    const opened = await openFolder(folder)
    const source = await opened.open('config.json')
    renameSync(folder, join(root, 'aside'))
    await expect(source?.slice(0, 3)).rejects.toThrow('was replaced while it was being read')
    mkdirSync(folder)
    writeFileSync(join(folder, 'weights'), 'two')
    await expect(opened.open('weights')).rejects.toThrow('was replaced while it was being read')
    expect(await (await openFolder(folder)).readText('weights')).toBe('two')
  })

  it('notices a file that changes while it is read', async () => {
    writeFileSync(join(folder, 'weights'), 'long content')
    const source = await (await openFolder(folder)).open('weights')
    writeFileSync(join(folder, 'weights'), 'short')
    await expect(source?.slice(0, 12)).rejects.toThrow('was replaced')
  })
})
