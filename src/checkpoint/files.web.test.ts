import { readFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { FileSystem } from './files.js'
import * as node from './files.node.js'
import * as web from './files.web.js'
import { safetensorsBytes } from './safetensorsWriter.js'
import { openWeights } from './weights.js'

const data = Float32Array.from({ length: 60_000 }, (_, i) => i)
const weights = safetensorsBytes([{ name: 'w', dtype: 'F32', shape: [60_000], data }])
const FILES: Record<string, Uint8Array> = {
  '/models/a%20b/config.json': new TextEncoder().encode('{"model_type": "bert"}'),
  '/models/a%20b/model.safetensors': weights,
  '/models/a%20b/empty': new Uint8Array(0),
  '/models/a%20b/exact': new Uint8Array(65_536).fill(1),
  '/models/a%20b/bad.txt': new Uint8Array([0xff]),
}

type Manners = 'ranges' | 'no ranges' | 'hidden length' | 'nothing but GET' | 'application page' | 'error'
let manners: Manners
let log: string[]
let server: Server
let base: string

function answer(request: IncomingMessage, response: ServerResponse): void {
  log.push(`${request.method} ${request.headers.range ?? 'whole'}`)
  const file = FILES[new URL(request.url ?? '', 'http://x').pathname]
  if (manners === 'error') return void response.writeHead(503).end()
  if (file === undefined) {
    if (manners === 'application page') return void response.writeHead(200, { 'Content-Type': 'text/html' }).end('<p>')
    return void response.writeHead(404).end()
  }
  if (request.method === 'HEAD') {
    return void response.writeHead(manners === 'nothing but GET' ? 405 : 200, { 'Content-Length': file.length }).end()
  }
  const range = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? '')
  if (range === null || manners === 'no ranges') return void response.writeHead(200).end(file)
  const start = Number(range[1])
  if (start >= file.length) return void response.writeHead(416).end()
  const part = file.subarray(start, Number(range[2]) + 1)
  const isHidden = manners === 'hidden length' || manners === 'nothing but GET'
  const headers = isHidden ? {} : { 'Content-Range': `bytes ${start}-${start + part.length - 1}/${file.length}` }
  response.writeHead(206, headers).end(part)
}

beforeEach(async () => {
  manners = 'ranges'
  log = []
  server = createServer(answer)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}/models/a b`
})
afterEach(() => new Promise((resolve) => server.close(resolve)))

describe('openFolder on the web', () => {
  it.each(['ranges', 'no ranges', 'hidden length', 'nothing but GET'] as const)(
    'reads from a server with %s',
    async (how) => {
      manners = how
      const folder = await web.openFolder(base)
      expect(await folder.readText('config.json')).toBe('{"model_type": "bert"}')
      expect(await (await openWeights(folder)).readFloat32('w')).toEqual(data)
      expect(await folder.open('nothing')).toBeUndefined()
      expect((await folder.open('empty'))?.byteLength).toBe(0)
      expect((await folder.open('exact'))?.byteLength).toBe(65_536)
      expect(folder.path).toBeUndefined()
    },
  )

  it('fetches only what is asked for', async () => {
    const source = await (await web.openFolder(`${base}/`)).open('model.safetensors')
    expect([...((await source?.slice(0, 8)) ?? [])]).toEqual([...weights.subarray(0, 8)])
    expect(log).toEqual(['GET bytes=0-65535'])
    expect(await source?.slice(70_000, 70_010)).toEqual(weights.slice(70_000, 70_010))
    expect(log).toEqual(['GET bytes=0-65535', 'GET bytes=70000-70009'])
  })

  it('takes the application’s own page for a missing file', async () => {
    manners = 'application page'
    expect(await (await web.openFolder(base)).readText('nothing.json')).toBeUndefined()
  })

  it('says what went wrong', async () => {
    const folder = await web.openFolder(base)
    await expect(folder.readText('bad.txt')).rejects.toMatchObject({ code: 'file-malformed' })
    await expect(folder.open('../x')).rejects.toThrow('not a file name inside')
    manners = 'error'
    await expect(folder.open('config.json')).rejects.toThrow(/config\.json: the server answered 503/)
    await expect((await web.openFolder('http://127.0.0.1:9/')).open('x')).rejects.toMatchObject({ code: 'file-read' })
    await expect(web.openFolder('models/here')).rejects.toMatchObject({ code: 'file-missing' })
  })

  it('notices a file that changes between two reads', async () => {
    const source = await (await web.openFolder(base)).open('model.safetensors')
    FILES['/models/a%20b/model.safetensors'] = weights.subarray(0, 100_000)
    try {
      await expect(source?.slice(70_000, 70_010)).rejects.toThrow('changed while it was being read')
    } finally {
      FILES['/models/a%20b/model.safetensors'] = weights
    }
  })

  it('finds models on the hub', async () => {
    const endpoint = new URL(base).origin
    for (const revision of ['main', 'refs%2Fpr%2F1']) {
      FILES[`/org/tiny/resolve/${revision}/config.json`] = new TextEncoder().encode(revision)
    }
    const read = async (location: string, options = {}): Promise<string | undefined> =>
      (await web.openCheckpoint(location, { endpoint, ...options })).readText('config.json')
    expect(await read('org/tiny')).toBe('main')
    expect(await read('org/tiny@refs/pr/1')).toBe('refs%2Fpr%2F1')
    expect(await read('org/tiny', { revision: 'refs/pr/1' })).toBe('refs%2Fpr%2F1')
    expect(await read(`${endpoint}/org/tiny`)).toBe('main')
    expect(await read(base)).toBe('{"model_type": "bert"}')
    await expect(read('./org/tiny')).rejects.toMatchObject({ code: 'file-missing' })
  })

  it('cannot write', async () => {
    for (const writing of [
      web.writeFileAtomically('x', []),
      web.writeFolderAtomically('x', {}),
      web.recoverFolder('x'),
      web.checkFolder('x'),
    ]) {
      await expect(writing).rejects.toMatchObject({ code: 'file-write' })
    }
  })
})

describe('the two platforms', () => {
  it('offer the same names', () => {
    const both: readonly FileSystem[] = [node, web]
    expect(both.length).toBe(2)
    expect(Object.keys(web).sort()).toEqual(Object.keys(node).sort())
  })

  it('need nothing of Node on the web', async () => {
    const imports = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')).imports as object
    expect(Object.keys(imports)).toContain('#checkpoint/files')
    const { metafile, errors } = await build({
      entryPoints: [fileURLToPath(new URL('index.ts', import.meta.url))],
      alias: { '#checkpoint/files': fileURLToPath(new URL('files.web.ts', import.meta.url)) },
      bundle: true,
      write: false,
      metafile: true,
      format: 'esm',
      platform: 'browser', // an import of node: is an error here
    })
    expect(errors).toEqual([])
    expect(Object.keys(metafile.inputs).filter((name) => name.includes('.node.'))).toEqual([])
  })
})
