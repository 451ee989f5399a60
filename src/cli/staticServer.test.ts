import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { playgroundPlaces } from './playgroundCommand.js'
import { staticServer } from './staticServer.js'

let folder: string
let server: ReturnType<typeof staticServer>
let url: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'bertkin-server-'))
  await mkdir(join(folder, 'site'))
  await mkdir(join(folder, 'weights', 'mine'), { recursive: true })
  await writeFile(join(folder, 'site', 'index.html'), '<p>hello')
  await writeFile(join(folder, 'site', 'engine.wasm'), '')
  await writeFile(join(folder, 'weights', 'mine', 'model.safetensors'), '0123456789')
  await writeFile(join(folder, 'secret.txt'), 'secret')
  server = staticServer([
    { path: '', folder: join(folder, 'site') },
    { path: 'models/', folder: join(folder, 'weights') },
  ])
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready))
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
})

afterAll(async () => {
  server.close()
  await rm(folder, { recursive: true, force: true })
})

it('isolates pages from other origins, so that WebAssembly has threads', async () => {
  const response = await fetch(url)
  expect(await response.text()).toBe('<p>hello')
  expect(response.headers.get('Content-Type')).toContain('text/html')
  expect(response.headers.get('Cross-Origin-Opener-Policy')).toBe('same-origin')
  expect(response.headers.get('Cross-Origin-Embedder-Policy')).toBe('require-corp')
})

it('answers parts of files, as weights are read', async () => {
  const ask = (range: string) => fetch(`${url}models/mine/model.safetensors`, { headers: { Range: range } })
  const middle = await ask('bytes=2-4')
  expect(middle.status).toBe(206)
  expect(middle.headers.get('Content-Range')).toBe('bytes 2-4/10')
  expect(await middle.text()).toBe('234')
  expect(await (await ask('bytes=7-')).text()).toBe('789')
  expect(await (await ask('bytes=-2')).text()).toBe('89')
  expect((await ask('bytes=10-')).status).toBe(416)
})

it('sends what has not changed only once, and empty files as they are', async () => {
  const first = await fetch(`${url}engine.wasm`)
  expect(await first.text()).toBe('')
  expect(first.headers.get('Content-Type')).toBe('application/wasm')
  const again = await fetch(`${url}engine.wasm`, { headers: { 'If-None-Match': first.headers.get('ETag')! } })
  expect(again.status).toBe(304)
})

it('leaves what is beside its folders alone', async () => {
  // fetch itself would tidy such addresses up.
  const raw = (path: string): Promise<number | undefined> =>
    new Promise((resolve, reject) => {
      request(`${url}`, { path }, ({ statusCode }) => resolve(statusCode))
        .on('error', reject)
        .end()
    })
  for (const path of [
    '/../secret.txt',
    '/%2e%2e/secret.txt',
    '/models/..%2f..%2fsecret.txt',
    '/models//',
    '/%',
    '/nothing',
  ]) {
    expect(await raw(path), path).toBe(404)
  }
  expect((await fetch(url, { method: 'POST' })).status).toBe(405)
})

it('says in one line what is missing', () => {
  expect(() => playgroundPlaces(join(folder, 'no-models'))).toThrow(/has not been built|there is no folder/)
})
