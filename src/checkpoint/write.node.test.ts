import { spawnSync } from 'node:child_process'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { open } from 'node:fs/promises'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { buildSync } from 'esbuild'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { removeAbandoned, writeAll, writeFailure, writeFileAtomically } from './write.node.js'

let root: string
let path: string
beforeEach(() => {
  root = mkdtempSync(join(realpathSync(tmpdir()), 'bertkin-write-'))
  path = join(root, 'model.safetensors')
})
afterEach(() => rmSync(root, { recursive: true }))

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)

function* failingAfter(chunks: number, error: Error): Generator<Uint8Array> {
  for (let i = 0; i < chunks; i++) yield bytes(`chunk ${i}`)
  throw error
}
const full = (): Error => Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' })

describe('writeFileAtomically', () => {
  it('writes all chunks, over an older file too, and keeps its permissions', async () => {
    await writeFileAtomically(path, [bytes('one '), new Uint8Array(0), bytes('two')])
    expect(readFileSync(path, 'utf8')).toBe('one two')
    rmSync(path)
    writeFileSync(path, 'old', { mode: 0o640 })
    await writeFileAtomically(
      path,
      (async function* () {
        yield bytes('new')
      })(),
    )
    expect(readFileSync(path, 'utf8')).toBe('new')
    expect(statSync(path).mode & 0o777).toBe(0o640)
    expect(readdirSync(root)).toEqual(['model.safetensors'])
  })

  it('leaves the old file and nothing else when the disk is full', async () => {
    writeFileSync(path, 'old')
    for (const chunks of [0, 1, 5]) {
      const writing = writeFileAtomically(path, failingAfter(chunks, full()))
      await expect(writing).rejects.toMatchObject({ code: 'file-write' })
      await expect(writing).rejects.toThrow(`Cannot write ${path}: the disk is full (ENOSPC).`)
      expect(readFileSync(path, 'utf8')).toBe('old')
      expect(readdirSync(root)).toEqual(['model.safetensors'])
    }
  })

  it('passes on errors that are not the disk’s', async () => {
    await expect(writeFileAtomically(path, failingAfter(1, new TypeError('a bug')))).rejects.toThrow(TypeError)
    expect(readdirSync(root)).toEqual([])
  })

  it.skipIf(!existsSync('/dev/full'))('recognises a real full device', async () => {
    const handle = await open('/dev/full', 'w')
    const error: unknown = await writeAll(handle, [bytes('x')]).catch((reason: unknown) => reason)
    await handle.close()
    expect(writeFailure('out', error)).toMatchObject({ message: 'Cannot write out: the disk is full (ENOSPC).' })
  })

  it.skipIf(process.platform === 'win32')('cleans up when the system refuses to let the file grow', () => {
    writeFileSync(path, 'old')
    const bundle = join(root, 'write.mjs')
    const entryPoints = [fileURLToPath(new URL('write.node.ts', import.meta.url))]
    buildSync({ entryPoints, outfile: bundle, bundle: true, platform: 'node', format: 'esm' })
    const script = `
      import { writeFileAtomically } from ${JSON.stringify(bundle)}
      const chunks = Array.from({ length: 64 }, () => new Uint8Array(65536))
      await writeFileAtomically(${JSON.stringify(path)}, chunks).catch((error) => console.log(error.code, error.message))`
    // A limit of 1 MiB on the size of files; V8 itself writes none.
    const command = 'ulimit -f 1024; exec "$0" --input-type=module -e "$1"'
    const { stdout, stderr } = spawnSync('bash', ['-c', command, process.execPath, script], { encoding: 'utf8' })
    expect(stdout.trim(), stderr).toBe(
      `file-write Cannot write ${path}: the file would be larger than the system allows (EFBIG).`,
    )
    expect(readFileSync(path, 'utf8')).toBe('old')
    expect(readdirSync(root).sort()).toEqual(['model.safetensors', 'write.mjs'])
  })

  it('says why it cannot write', async () => {
    await expect(writeFileAtomically(join(root, 'no/such/file'), [])).rejects.toThrow('its folder does not exist')
    mkdirSync(join(root, 'folder'))
    await expect(writeFileAtomically(join(root, 'folder'), [])).rejects.toThrow('not a regular file')
    writeFileSync(path, 'x')
    await expect(writeFileAtomically(join(path, 'within'), [])).rejects.toMatchObject({ code: 'file-write' })
    if (existsSync('/dev/null'))
      await expect(writeFileAtomically('/dev/null', [])).rejects.toThrow('not a regular file')
  })

  it('replaces a link and leaves what it pointed to', async () => {
    writeFileSync(join(root, 'blob'), 'shared')
    symlinkSync('blob', path)
    await writeFileAtomically(path, [bytes('mine')])
    expect(readFileSync(path, 'utf8')).toBe('mine')
    expect(readFileSync(join(root, 'blob'), 'utf8')).toBe('shared')
  })

  it('lets two writers finish, one after the other', async () => {
    await Promise.all(Array.from({ length: 8 }, (_, i) => writeFileAtomically(path, [bytes(`writer ${i}`)])))
    expect(readFileSync(path, 'utf8')).toMatch(/^writer \d$/)
    expect(readdirSync(root)).toEqual(['model.safetensors'])
  })
})

describe('removeAbandoned', () => {
  it('removes what dead processes of this machine left, and nothing else', async () => {
    const host = hostname().replace(/[^A-Za-z0-9]/g, '_')
    const dead = spawnSync(process.execPath, ['-e', '']).pid
    const name = (owner: string): string => `.model.safetensors.bertkin-new-${owner}-0123456789ab`
    const keep = [
      name(`${host}-${process.ppid}`), // alive
      name(`elsewhere-${dead}`),
      `.other.bertkin-new-${host}-${dead}-0123456789ab`,
      `.model.safetensors.bertkin-new-${host}-${dead}-notes.txt`,
    ]
    for (const file of [...keep, name(`${host}-${dead}`), name(`${host}-${process.pid}`)])
      writeFileSync(join(root, file), '')
    await removeAbandoned(path)
    expect(readdirSync(root).sort()).toEqual(keep.sort())
  })
})
