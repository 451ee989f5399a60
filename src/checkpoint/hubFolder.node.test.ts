// The cache's layout, what is asked of the hub and when, and what happens without it.

import {
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openCheckpoint } from './files.node.js'
import { type Answer, type Asked, always, atFirst, COMMIT, refuse, sendBytes } from './testing/hubServer.js'
import { HubSetup, WEIGHTS } from './testing/hubSetup.js'

let setup: HubSetup
beforeEach(async () => {
  setup = await HubSetup.create()
})
afterEach(() => setup[Symbol.asyncDispose]())

const everything = (): boolean => true
const requests = (): string[] => setup.hub.requests()
const url = (file: string, revision = COMMIT): string => `/org/tiny/resolve/${revision}/${file}`

describe('a model on the hub', () => {
  it('is fetched file by file into the shared layout', async () => {
    const folder = await setup.open()
    expect(requests()).toEqual([])
    expect(await folder.readText('config.json')).toBe('{"a": 1}')
    expect(requests()).toEqual([`HEAD ${url('config.json', 'main')}`, `GET ${url('config.json')}`])

    const source = await folder.open('model.safetensors')
    expect(Buffer.compare((await source?.slice(0, WEIGHTS.length)) ?? new Uint8Array(), WEIGHTS)).toBe(0)
    expect(await folder.open('vocab.txt')).toBeUndefined()
    expect(folder.path?.('model.safetensors')).toBe(
      realpathSync(setup.at('blobs', setup.hub.etag('org/tiny', 'model.safetensors'))),
    )

    expect(readdirSync(setup.at()).sort()).toEqual(['.no_exist', 'blobs', 'refs', 'snapshots'])
    expect(readFileSync(setup.at('refs/main'), 'utf8')).toBe(COMMIT)
    expect(readdirSync(setup.at('.no_exist', COMMIT))).toEqual(['vocab.txt'])
    for (const file of ['config.json', 'model.safetensors']) {
      const etag = setup.hub.etag('org/tiny', file)
      expect(readlinkSync(setup.at('snapshots', COMMIT, file))).toBe(`../../blobs/${etag}`)
    }
    expect(readdirSync(setup.at('blobs')).length).toBe(2)
    expect(readdirSync(setup.cacheDir).sort()).toEqual(['.locks', 'CACHEDIR.TAG', 'models--org--tiny'])
    expect(readdirSync(join(setup.cacheDir, '.locks/models--org--tiny'))).toEqual([])
    expect(setup.warnings).toEqual([])
  })

  it('is not downloaded twice', async () => {
    await setup.read('model.safetensors')
    await setup.read('nothing')
    setup.hub.asked.length = 0
    const folder = await setup.open()
    expect(await folder.open('model.safetensors')).toBeDefined()
    expect(await folder.open('nothing')).toBeUndefined()
    expect(requests()).toEqual([`HEAD ${url('model.safetensors', 'main')}`])
    setup.hub.asked.length = 0
    const pinned = await setup.open(`org/tiny@${COMMIT}`)
    expect(await pinned.open('model.safetensors')).toBeDefined()
    expect(await pinned.open('nothing')).toBeUndefined()
    expect(requests()).toEqual([])
  })

  it('asks once for what is asked for twice at a time', async () => {
    const folder = await setup.open()
    const files = ['config.json', 'config.json', 'model.safetensors', 'nothing', 'nothing']
    await Promise.all(files.map((file) => folder.open(file)))
    expect(new Set(requests()).size).toBe(requests().length)
    expect(requests().filter((request) => request.startsWith('HEAD')).length).toBe(3)
  })

  it('shares a blob between commits and names', async () => {
    setup.hub.add('org/tiny', { 'a.json': '{}', 'sub/b.json': '{}' })
    const folder = await setup.open()
    expect(await folder.readText('a.json')).toBe('{}')
    expect(await folder.readText('sub/b.json')).toBe('{}')
    expect(requests().filter((request) => request.startsWith('GET')).length).toBe(1)
    expect(readlinkSync(setup.at('snapshots', COMMIT, 'sub/b.json'))).toMatch(/^\.\.\/\.\.\/\.\.\/blobs\//)
  })

  it('copies where links are not wanted', async () => {
    const before = process.env.HF_HUB_DISABLE_SYMLINKS
    process.env.HF_HUB_DISABLE_SYMLINKS = '1'
    try {
      setup.hub.add('org/tiny', { 'a.json': '{}', 'b.json': '{}' })
      expect(await setup.read('a.json')).toBeDefined()
      expect(await setup.read('b.json')).toBeDefined()
    } finally {
      if (before === undefined) delete process.env.HF_HUB_DISABLE_SYMLINKS
      else process.env.HF_HUB_DISABLE_SYMLINKS = before
    }
    expect(readFileSync(setup.at('snapshots', COMMIT, 'b.json'), 'utf8')).toBe('{}')
    expect(() => readlinkSync(setup.at('snapshots', COMMIT, 'b.json'))).toThrow()
  })

  it('mends links to blobs that are gone, and blobs that were cut off', async () => {
    await setup.read('config.json')
    const blob = setup.at('blobs', setup.hub.etag('org/tiny', 'config.json'))
    unlinkSync(blob)
    expect(await setup.read('config.json')).toHaveLength(8)
    unlinkSync(setup.at('snapshots', COMMIT, 'config.json'))
    writeFileSync(blob, '{')
    expect(await setup.read('config.json')).toHaveLength(8)
  })

  it('keeps its commit while the branch moves on', async () => {
    const folder = await setup.open()
    await folder.open('config.json')
    const isBranch = ({ path }: Asked): boolean => path.includes('/main/')
    setup.hub.manners.push(always(isBranch, (_, response) => refuse(response, 500)))
    expect(await folder.open('model.safetensors')).toBeDefined()
  })

  it('shows progress from the beginning to the end', async () => {
    await setup.read('model.safetensors')
    const { progress } = setup
    expect(progress[0]).toEqual({ model: 'org/tiny', file: 'model.safetensors', bytes: 0, total: WEIGHTS.length })
    expect(progress.at(-1)?.bytes).toBe(WEIGHTS.length)
    expect(progress.every(({ bytes }, i) => i === 0 || bytes >= progress[i - 1]!.bytes)).toBe(true)
  })

  it('may be looked at without downloading its weights', async () => {
    const folder = await setup.open('org/tiny', { peek: true })
    expect(await folder.readText('config.json')).toBe('{"a": 1}')
    setup.hub.manners.push(
      atFirst(
        1,
        ({ host }) => host === 'cdn',
        (_, response) => response.destroy(),
      ),
    )
    const source = await folder.open('model.safetensors')
    expect(source?.byteLength).toBe(WEIGHTS.length)
    expect(await source?.slice(0, 8)).toEqual(WEIGHTS.slice(0, 8))
    expect(await source?.slice(299_990, 300_000)).toEqual(WEIGHTS.slice(299_990))
    expect(await source?.slice(5, 5)).toEqual(new Uint8Array(0))
    expect(setup.hub.asked.flatMap(({ host, range }) => (host === 'cdn' ? [range] : []))).toEqual([
      ...['bytes=0-7', 'bytes=0-7', 'bytes=299990-299999'],
    ])
    expect(folder.path).toBeUndefined()
    expect(readdirSync(setup.at('blobs')).length).toBe(1)
    setup.hub.manners.push(
      always(everything, (request, response) => {
        delete request.headers.range
        sendBytes(request, response, WEIGHTS)
      }),
    )
    await expect(source?.slice(0, 8)).rejects.toThrow('sends no parts')
  })

  it('may have a revision', async () => {
    expect(await setup.read('config.json', `org/tiny@${COMMIT}`)).toHaveLength(8)
    expect(readdirSync(setup.at())).not.toContain('refs')
    const missing = setup.read('config.json', 'org/tiny@v9')
    await expect(missing).rejects.toMatchObject({ code: 'file-missing', message: expect.stringContaining('v9') })
  })

  it.each(['../secret', '/etc/passwd', 'a\\b', '', 'a//b'])('has no file %j', async (name) => {
    await expect(setup.read(name)).rejects.toMatchObject({ code: 'file-read' })
    expect(requests()).toEqual([])
  })
})

describe('without the hub', () => {
  const offline = { offline: true }

  it('a cached model is as good as before', async () => {
    await setup.read('config.json')
    await setup.read('vocab.txt')
    setup.hub.asked.length = 0
    expect(await setup.read('config.json', undefined, offline)).toHaveLength(8)
    expect(await setup.read('vocab.txt', undefined, offline)).toBeUndefined()
    expect(requests()).toEqual([])
    expect(setup.warnings).toEqual([])
  })

  it('what is not cached is said to be missing if it is needed', async () => {
    await expect(setup.read('config.json', 'org/other', offline)).rejects.toMatchObject({
      code: 'file-missing',
      message: expect.stringMatching(/no folder org\/other.*not in the cache.*HF_HUB_OFFLINE/),
    })
    await setup.read('config.json')
    const weights = setup.read('model.safetensors', undefined, offline)
    await expect(weights).rejects.toMatchObject({ code: 'file-missing' })
    await expect(weights).rejects.toThrow(/model\.safetensors of org\/tiny is not in the cache/)
    expect(await setup.read('tokenizer_config.json', undefined, offline)).toBeUndefined()
    expect(setup.warnings.join()).toContain('tokenizer_config.json of org/tiny is not in the cache')
    // One form of the weights does in place of another.
    symlinkSync('../../blobs/x', setup.at('snapshots', COMMIT, 'pytorch_model.bin'))
    expect(await setup.read('model.safetensors', undefined, offline)).toBeUndefined()
  })

  it.each([
    ['answers 503', 503],
    ['is asked too often', 429],
    ['denies it', 401],
  ])('that %s, the cache is used, and it is said once', async (_, status) => {
    const id = `org/cached${status}`
    setup.hub.add(id, { 'config.json': '{}' })
    await setup.read('config.json', id)
    setup.hub.manners.push(always(everything, (_, response) => refuse(response, status)))
    expect(await setup.read('config.json', id)).toHaveLength(2)
    expect(await setup.read('config.json', id)).toHaveLength(2)
    expect(setup.warnings.length).toBe(1)
    expect(setup.warnings[0]).toMatch(/org\/cached\d+ is taken from the cache \(commit 0123456\)/)
  })

  it('that does not answer, too', async () => {
    setup.hub.add('org/far', { 'config.json': '{}' })
    await setup.read('config.json', 'org/far')
    const options = { endpoint: setup.hub.endpoint }
    await setup.hub[Symbol.asyncDispose]()
    expect(await setup.read('config.json', 'org/far', options)).toHaveLength(2)
    expect(await setup.read('config.json', `org/far@${COMMIT}`, options)).toHaveLength(2)
    expect(await setup.read('special.json', `org/far@${COMMIT}`, options)).toBeUndefined()
    expect(setup.warnings.join('\n')).toMatch(/127\.0\.0\.1:\d+ cannot be reached: .*ECONNREFUSED/)
    await expect(setup.read('config.json', 'org/never', options)).rejects.toMatchObject({ code: 'hub-unreachable' })
  })

  it('a page of the network’s own is not taken for the hub', async () => {
    const login: Answer = (_, response) => response.writeHead(200, { ETag: '"x"' }).end('<p>Log in')
    setup.hub.manners.push(always(everything, login))
    await expect(setup.read('config.json')).rejects.toThrow('does not answer like a Hugging Face hub')
  })

  it('nonsense in the cache is no cache', async () => {
    mkdirSync(setup.at('refs'), { recursive: true })
    writeFileSync(setup.at('refs/main'), '../../elsewhere')
    await expect(setup.read('config.json', undefined, offline)).rejects.toMatchObject({ code: 'file-missing' })
    expect(await setup.read('config.json')).toHaveLength(8)
    expect(readFileSync(setup.at('refs/main'), 'utf8')).toBe(COMMIT)
  })
})

describe('openCheckpoint', () => {
  it('takes a folder before a model, and a path for a path', async () => {
    const before = process.cwd()
    mkdirSync(join(setup.cacheDir, 'org/tiny'), { recursive: true })
    writeFileSync(join(setup.cacheDir, 'org/tiny/config.json'), 'local')
    const options = { endpoint: setup.hub.endpoint, cacheDir: join(setup.cacheDir, 'hub'), token: '', offline: false }
    try {
      process.chdir(setup.cacheDir)
      expect(await (await openCheckpoint('org/tiny', options)).readText('config.json')).toBe('local')
      rmSync('org', { recursive: true })
      expect(await (await openCheckpoint('org/tiny', options)).readText('config.json')).toBe('{"a": 1}')
      await expect(openCheckpoint('./org/tiny', options)).rejects.toThrow('There is no folder ./org/tiny')
      await expect(openCheckpoint('/org/tiny', options)).rejects.toMatchObject({ code: 'file-missing' })
    } finally {
      process.chdir(before)
    }
    const page = await openCheckpoint(`${setup.hub.endpoint}/org/tiny`, options)
    expect(await page.readText('config.json')).toBe('{"a": 1}')
    const folder = await openCheckpoint(`${setup.hub.endpoint}/org/tiny/resolve/main`, options)
    expect(await folder.readText('config.json')).toBe('{"a": 1}')
    expect(folder.path).toBeUndefined()
  })

  it('says what it looked for', async () => {
    setup.hub.manners.push(atFirst(1, everything, (_, response) => refuse(response, 401, 'RepoNotFound')))
    const folder = await openCheckpoint('runs/mien', { endpoint: setup.hub.endpoint, offline: false, token: '' })
    await expect(folder.open('config.json')).rejects.toThrow(
      /There is no folder runs\/mien, and .* has no model runs\/mien/,
    )
  })
})
