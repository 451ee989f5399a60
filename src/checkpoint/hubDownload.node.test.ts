// Downloads over bad connections, and from servers that do not keep to the protocol.

import { mkdirSync, readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs'
import type { ServerResponse } from 'node:http'
import { gzipSync } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { CheckpointError } from './error.js'
import {
  type Answer,
  type Asked,
  always,
  atFirst,
  COMMIT,
  hangUp,
  refuse,
  sendBytes,
  TOKEN,
} from './testing/hubServer.js'
import { HubSetup, WEIGHTS } from './testing/hubSetup.js'

const FILE = 'model.safetensors'
let setup: HubSetup
beforeEach(async () => {
  setup = await HubSetup.create()
})
afterEach(() => setup[Symbol.asyncDispose]())

const read = (): Promise<Uint8Array | undefined> => setup.read(FILE)
/** Far quicker than toEqual. */
const isWhole = (bytes: Uint8Array | undefined, expected = WEIGHTS): boolean =>
  bytes !== undefined && Buffer.compare(bytes, expected) === 0
const received = (): number => setup.progress.at(-1)?.bytes ?? 0
const isHead = ({ method }: Asked): boolean => method === 'HEAD'
const isBody = ({ host }: Asked): boolean => host === 'cdn'
const ranges = (): (string | undefined)[] => setup.hub.asked.filter(isBody).map(({ range }) => range)
const blobs = (): string[] => readdirSync(setup.at('blobs'))

describe('a bad connection', () => {
  it('is gone on from where it broke off', async () => {
    setup.hub.manners.push(atFirst(3, isBody, hangUp(WEIGHTS, 70_000, received)))
    expect(isWhole(await read())).toBe(true)
    expect(ranges()).toEqual([undefined, 'bytes=70000-', 'bytes=140000-', 'bytes=210000-'])
    expect(blobs()).toEqual([setup.hub.etag('org/tiny', FILE)])
  })

  it('from the beginning where the server knows no ranges', async () => {
    setup.hub.manners.push(atFirst(1, isBody, hangUp(WEIGHTS, 70_000, received)))
    setup.hub.manners.push(
      always(isBody, (request, response) => {
        delete request.headers.range
        sendBytes(request, response, WEIGHTS)
      }),
    )
    expect(isWhole(await read())).toBe(true)
    expect(ranges()).toEqual([undefined, 'bytes=70000-'])
  })

  it('that gets no further ends in words, and what arrived is kept', async () => {
    setup.hub.manners.push(atFirst(1, isBody, hangUp(WEIGHTS, 100_000, received)))
    setup.hub.manners.push(atFirst(3, isBody, (_, response) => response.destroy()))
    await expect(read()).rejects.toMatchObject({
      code: 'hub-unreachable',
      message: expect.stringMatching(/model\.safetensors of org\/tiny broke off after 0\.1 of 0\.3 MB: .*Run again/),
    })
    setup.hub.asked.length = 0
    expect(isWhole(await read())).toBe(true)
    expect(ranges()).toEqual(['bytes=100000-'])
    expect(setup.progress.filter(({ bytes }) => bytes === 100_000).length).toBeGreaterThan(0)
  })

  it('that falls silent is given up', async () => {
    const before = process.env.HF_HUB_DOWNLOAD_TIMEOUT
    process.env.HF_HUB_DOWNLOAD_TIMEOUT = '0.5'
    try {
      setup.hub.manners.push(
        atFirst(1, isBody, (_, response) => {
          response.writeHead(200, { 'Content-Length': WEIGHTS.length }).write(WEIGHTS.subarray(0, 50_000))
        }),
      )
      expect(isWhole(await read())).toBe(true)
    } finally {
      if (before === undefined) delete process.env.HF_HUB_DOWNLOAD_TIMEOUT
      else process.env.HF_HUB_DOWNLOAD_TIMEOUT = before
    }
    expect(ranges().length).toBeGreaterThan(1)
  })

  it('that is slow is good enough', async () => {
    const slow: Answer = async (_, response) => {
      response.writeHead(200, { 'Content-Length': WEIGHTS.length })
      for (let i = 0; i < WEIGHTS.length; i += 30_000) {
        response.write(WEIGHTS.subarray(i, i + 30_000))
        await new Promise((resolve) => setTimeout(resolve, 10))
      }
      response.end()
    }
    setup.hub.manners.push(always(isBody, slow))
    expect(isWhole(await read())).toBe(true)
    expect(setup.progress.length).toBeGreaterThan(5)
  })

  it.each([408, 429, 500, 502, 503, 504])('is tried again after %i', async (status) => {
    setup.hub.manners.push(atFirst(2, isHead, (_, response) => refuse(response, status)))
    setup.hub.manners.push(atFirst(2, isBody, (_, response) => refuse(response, status)))
    expect(isWhole(await read())).toBe(true)
  })

  it('waits as long as the server asks to', async () => {
    const busy: Answer = (_, response) => response.writeHead(429, { 'Retry-After': '1' }).end()
    setup.hub.manners.push(atFirst(1, isHead, busy))
    const start = performance.now()
    expect(isWhole(await read())).toBe(true)
    expect(performance.now() - start).toBeGreaterThan(950)
  })

  it.each([
    ['seconds', { 'Retry-After': '4000' }],
    ['a date', { 'Retry-After': new Date(Date.now() + 4_000_000).toUTCString() }],
    ['the hub’s own way', { RateLimit: '"resolvers";r=0;t=4000' }],
  ] as const)('does not wait for an hour (%s)', async (_, headers) => {
    setup.hub.manners.push(always(isHead, (_, response) => response.writeHead(429, headers).end()))
    await expect(read()).rejects.toThrow(/Try again in [34]\d{3} seconds; with an access token/)
    expect(setup.hub.asked.length).toBe(1)
  })

  it('takes up what Python left, unless it is still being written', async () => {
    const etag = setup.hub.etag('org/tiny', FILE)
    mkdirSync(setup.at('blobs'), { recursive: true })
    const theirs = setup.at('blobs', `${etag}.incomplete`)
    writeFileSync(theirs, WEIGHTS.subarray(0, 120_000))
    expect(isWhole(await setup.read(FILE))).toBe(true)
    expect(blobs()).toContain(`${etag}.incomplete`)

    setup.hub.add('org/second', { [FILE]: WEIGHTS.toReversed() }, [FILE])
    const second = setup.hub.etag('org/second', FILE)
    const folder = setup.at('../models--org--second/blobs')
    mkdirSync(folder, { recursive: true })
    writeFileSync(`${folder}/${second}.incomplete`, WEIGHTS.toReversed().subarray(0, 120_000))
    const longAgo = new Date(Date.now() - 3_600_000)
    utimesSync(`${folder}/${second}.incomplete`, longAgo, longAgo)
    expect(isWhole(await setup.read(FILE, 'org/second'), WEIGHTS.toReversed())).toBe(true)
    expect(ranges()).toEqual([undefined, 'bytes=120000-'])
    expect(readdirSync(folder)).toEqual([second])
  })

  it.each([
    ['wrong', Uint8Array.from({ length: 1000 }, () => 7), ['bytes=1000-', undefined]],
    ['too long', new Uint8Array(WEIGHTS.length + 1), [undefined]],
    ['whole', WEIGHTS, []],
    ['whole but wrong', new Uint8Array(WEIGHTS.length), [undefined]],
  ])('a beginning that is %s does no harm', async (_, bytes, expected) => {
    mkdirSync(setup.at('blobs'), { recursive: true })
    writeFileSync(setup.at('blobs', `${setup.hub.etag('org/tiny', FILE)}.bertkin.incomplete`), bytes)
    expect(isWhole(await read())).toBe(true)
    expect(ranges()).toEqual(expected)
  })
})

describe('access', () => {
  it('the token goes to the hub, and nowhere else', async () => {
    await setup.read(FILE, undefined, { token: TOKEN })
    for (const { host, authorization } of setup.hub.asked) {
      expect(authorization).toBe(host === 'hub' ? `Bearer ${TOKEN}` : undefined)
    }
    expect(setup.hub.requests('cdn').length).toBe(1)
  })

  it('a model that moved is found', async () => {
    setup.hub.manners.push((_, response, { path }) => {
      if (!path.startsWith('/old/')) return false
      response.writeHead(307, { Location: path.replace('/old/', '/org/') }).end()
      return true
    })
    expect(isWhole(await setup.read(FILE, 'old/tiny', { token: TOKEN }))).toBe(true)
    expect(setup.hub.asked.filter(({ host }) => host === 'hub').every(({ authorization }) => authorization)).toBe(true)
  })

  it.each([
    [401, 'RepoNotFound', 'file-missing', /has no model org\/tiny: check its spelling; if it is private, .*HF_TOKEN/],
    [404, 'RepoNotFound', 'file-missing', /has no model org\/tiny/],
    [404, 'RevisionNotFound', 'file-missing', /org\/tiny has no revision main/],
    [404, undefined, 'file-missing', /has no model org\/tiny/],
    [401, 'GatedRepo', 'hub-denied', /org\/tiny is gated: accept its conditions.*HF_TOKEN/],
    [403, 'GatedRepo', 'hub-denied', /is gated/],
    [401, undefined, 'hub-denied', /refused the access to org\/tiny \(401\).*HF_TOKEN/],
    [403, undefined, 'hub-denied', /does not allow .*\(403\).*HF_TOKEN/],
    [400, undefined, 'hub-malformed', /answered 400/],
  ] as const)('%i %s is %s', async (status, code, expected, message) => {
    setup.hub.manners.push(always(isHead, (_, response) => refuse(response, status, code)))
    await expect(read()).rejects.toMatchObject({ code: expected, message: expect.stringMatching(message) })
    expect(setup.hub.asked.length).toBe(1)
  })

  it('a file that is not there is no error', async () => {
    expect(await setup.read('nothing')).toBeUndefined()
  })
})

describe('a hostile server', () => {
  const described = (headers: Readonly<Record<string, string>>): Answer => {
    return (_, response) => {
      const usual = { 'X-Repo-Commit': COMMIT, ETag: '"abc"', 'Content-Length': '4' }
      response.writeHead(200, { ...usual, ...headers }).end()
    }
  }
  const body =
    (send: (response: ServerResponse) => void): Answer =>
    (_, response) =>
      send(response)
  const endless = (response: ServerResponse): void => {
    const more = (): void => {
      if (!response.destroyed) response.write(new Uint8Array(65_536), () => setImmediate(more))
    }
    more()
  }

  it.each<[string, (asked: Asked) => boolean, Answer, RegExp]>([
    ['a commit that is a path', isHead, described({ 'X-Repo-Commit': '../../..' }), /a commit that is none/],
    ['a commit of 39 digits', isHead, described({ 'X-Repo-Commit': COMMIT.slice(1) }), /a commit that is none/],
    ['an etag that is a path', isHead, described({ ETag: '"../../x"' }), /no name that a file can have/],
    ['an etag of dots', isHead, described({ ETag: '".."' }), /no name that a file can have/],
    ['an etag with a backslash', isHead, described({ 'X-Linked-Etag': '"a\\b"' }), /no name that a file can have/],
    ['an etag without end', isHead, described({ ETag: `"${'a'.repeat(5000)}"` }), /no name that a file can have/],
    ['no etag', isHead, described({ ETag: '' }), /no name that a file can have/],
    ['a size that is none', isHead, described({ 'X-Linked-Size': '-1' }), /a size that is none/],
    ['a redirect to itself', isHead, (_, r, { path }) => r.writeHead(302, { Location: path }).end(), /circles/],
    ['a redirect to a file', isHead, (_, r) => r.writeHead(302, { Location: 'file:///etc/passwd' }).end(), /nowhere/],
    ['a redirect without a goal', isHead, (_, r) => r.writeHead(302).end(), /nowhere/],
    ['circles on another host', isBody, (_, r, { path }) => r.writeHead(302, { Location: path }).end(), /circles/],
    ['a body without end', isBody, body(endless), /sends more of model\.safetensors/],
    ['a longer body', isBody, (q, r) => sendBytes(q, r, new Uint8Array(300_001)), /300001 bytes .* promised 300000/],
    ['a shorter body', isBody, (q, r) => sendBytes(q, r, WEIGHTS.subarray(1)), /299999 bytes .* promised 300000/],
    ['other contents', isBody, (q, r) => sendBytes(q, r, WEIGHTS.toReversed()), /contents that are not its own/],
    [
      'a bomb',
      isBody,
      body((r) => r.writeHead(200, { 'Content-Encoding': 'gzip' }).end(gzipSync(new Uint8Array(50_000_000)))),
      /sends more of/,
    ],
  ])('%s', async (_, matches, answer, message) => {
    setup.hub.manners.push(always(matches, answer))
    const failure = await read().catch((error: unknown) => error)
    expect(failure).toBeInstanceOf(CheckpointError)
    expect(failure).toMatchObject({ code: 'hub-malformed', message: expect.stringMatching(message) })
    expect((failure as Error).message).not.toContain('\n')
    const kept = readdirSync(setup.cacheDir, { recursive: true, encoding: 'utf8' })
    expect(kept.filter((path) => path.includes('blobs/') || path.includes(FILE))).toEqual([])
  })

  it.each([
    ['of another place', 'bytes 0-299999/300000'],
    ['of another size', 'bytes 70000-299999/300001'],
    ['beyond the end', 'bytes 70000-300000/300000'],
    ['that is none', 'bytes */300000'],
  ])('a part %s', async (_, range) => {
    setup.hub.manners.push(atFirst(1, isBody, hangUp(WEIGHTS, 70_000, received)))
    const part: Answer = (_, response) =>
      response.writeHead(206, { 'Content-Range': range }).end(WEIGHTS.subarray(70_000))
    setup.hub.manners.push(always(isBody, part))
    await expect(read()).rejects.toMatchObject({
      code: 'hub-malformed',
      message: expect.stringMatching(/another part/),
    })
    expect(blobs()).toEqual([])
  })

  it('a file from another commit', async () => {
    const folder = await setup.open()
    await folder.open('config.json')
    setup.hub.manners.push(always(isHead, described({ 'X-Repo-Commit': 'f'.repeat(40) })))
    await expect(folder.open(FILE)).rejects.toThrow('from another commit')
  })
})

describe('unusual, but right', () => {
  it('an answer that is compressed', async () => {
    const packed: Answer = (_, response) =>
      response.writeHead(200, { 'Content-Encoding': 'gzip' }).end(gzipSync(WEIGHTS))
    setup.hub.manners.push(always(isBody, packed))
    expect(isWhole(await read())).toBe(true)
  })

  it('a size that nobody says', async () => {
    setup.hub.add('org/tiny', { 'a.json': '{"b": 2}' })
    setup.hub.manners.push((request, response, { method }) => {
      if (method === 'HEAD') {
        const etag = `W/"${setup.hub.etag('org/tiny', 'a.json')}"`
        response.writeHead(200, { 'X-Repo-Commit': COMMIT, ETag: etag, 'Transfer-Encoding': 'chunked' }).end()
      } else response.writeHead(200).end('{"b": 2}')
      return request.complete || true
    })
    expect(await setup.read('a.json')).toHaveLength(8)
    expect(setup.progress.at(-1)).toMatchObject({ bytes: 8, total: 8 })
  })

  it('an empty file, and an etag that is no checksum', async () => {
    setup.hub.add('org/tiny', { 'empty.txt': '', 'odd.txt': 'odd' })
    setup.hub.manners.push((_, response, { method, path }) => {
      if (method === 'HEAD' && path.endsWith('odd.txt')) {
        response.writeHead(200, { 'X-Repo-Commit': COMMIT, ETag: '"an-etag"', 'Content-Length': '3' }).end()
        return true
      }
      return false
    })
    expect(await setup.read('empty.txt')).toHaveLength(0)
    expect(await setup.read('odd.txt')).toHaveLength(3)
    expect(readFileSync(setup.at('blobs/an-etag'), 'utf8')).toBe('odd')
  })
})
