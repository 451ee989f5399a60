// A small Hugging Face hub for tests: real HTTP, the hub's headers, files in Git and in LFS, large ones on another host;
// and, where a test asks for it, bad manners.

import { createHash } from 'node:crypto'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export const COMMIT = '0123456789abcdef0123456789abcdef01234567'
export const TOKEN = 'hf_test'

export interface Asked {
  readonly host: 'hub' | 'cdn'
  readonly method: string
  readonly path: string
  readonly range: string | undefined
  readonly authorization: string | undefined
}

/** Answers in the server's place. */
export type Answer = (request: IncomingMessage, response: ServerResponse, asked: Asked) => void

/** Answers, or returns false to leave it to the server. */
export type Manner = (request: IncomingMessage, response: ServerResponse, asked: Asked) => boolean

interface StoredFile {
  readonly bytes: Uint8Array
  readonly lfs: boolean
}

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')
const gitSha1 = (bytes: Uint8Array): string =>
  createHash('sha1').update(`blob ${bytes.length}\0`).update(bytes).digest('hex')

export class HubServer implements AsyncDisposable {
  readonly asked: Asked[] = []
  /** `HF_ENDPOINT` */
  endpoint = ''
  cdn = ''
  /** Asked in their order, before the server itself. */
  readonly manners: Manner[] = []
  readonly #models = new Map<string, Map<string, StoredFile>>()
  readonly #hub: Server
  readonly #cdn: Server

  private constructor() {
    this.#hub = createServer((request, response) => this.#answer('hub', request, response))
    this.#cdn = createServer((request, response) => this.#answer('cdn', request, response))
  }

  static async start(): Promise<HubServer> {
    const server = new HubServer()
    const listen = async (half: Server, host: string): Promise<string> => {
      await new Promise<void>((resolve) => half.listen(0, host, resolve))
      return `http://${host}:${(half.address() as AddressInfo).port}`
    }
    server.endpoint = await listen(server.#hub, '127.0.0.1')
    // Another host also to Python, which does not look at ports.
    server.cdn = await listen(server.#cdn, 'localhost')
    return server
  }

  /** @param lfs names of files that lie in LFS, on the other host */
  add(id: string, files: Readonly<Record<string, string | Uint8Array>>, lfs: readonly string[] = []): void {
    const stored = Object.entries(files).map(([name, content]): [string, StoredFile] => {
      const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : content
      return [name, { bytes, lfs: lfs.includes(name) }]
    })
    this.#models.set(id, new Map(stored))
  }

  etag(id: string, file: string): string {
    const { bytes, lfs } = this.#models.get(id)!.get(file)!
    return lfs ? sha256(bytes) : gitSha1(bytes)
  }

  /** Requests as `GET path`, for comparing. */
  requests(host?: 'hub' | 'cdn'): string[] {
    const chosen = this.asked.filter((asked) => host === undefined || asked.host === host)
    return chosen.map(({ method, path, range }) => `${method} ${path}${range === undefined ? '' : ` ${range}`}`)
  }

  /** May be called twice. */
  async [Symbol.asyncDispose](): Promise<void> {
    for (const half of [this.#hub, this.#cdn]) {
      half.closeAllConnections()
      await new Promise((resolve) => half.close(resolve))
    }
  }

  #answer(host: 'hub' | 'cdn', request: IncomingMessage, response: ServerResponse): void {
    const { method = '', url = '', headers } = request
    const asked = {
      host,
      method,
      path: decodeURIComponent(url),
      range: headers.range,
      authorization: headers.authorization,
    }
    this.asked.push(asked)
    if (this.manners.some((manner) => manner(request, response, asked))) return
    if (host === 'cdn') return void sendBytes(request, response, this.#byDigest(url.slice(1)))
    const [, id = '', revision = '', name = ''] = /^\/(.+?)\/resolve\/([^/]+)\/(.+)$/.exec(asked.path) ?? []
    const model = this.#models.get(id)
    if (model === undefined) return void refuse(response, 401, 'RepoNotFound')
    if (revision !== 'main' && revision !== COMMIT) return void refuse(response, 404, 'RevisionNotFound')
    response.setHeader('X-Repo-Commit', COMMIT)
    const file = model.get(name)
    if (file === undefined) return void refuse(response, 404, 'EntryNotFound')
    response.setHeader('ETag', `"${gitSha1(file.bytes)}"`)
    if (!file.lfs) return void sendBytes(request, response, file.bytes)
    response.setHeader('X-Linked-Etag', `"${sha256(file.bytes)}"`)
    response.setHeader('X-Linked-Size', file.bytes.length)
    response.writeHead(302, { Location: `${this.cdn}/${sha256(file.bytes)}` }).end('Found')
  }

  #byDigest(digest: string): Uint8Array {
    for (const model of this.#models.values()) {
      for (const { bytes } of model.values()) if (sha256(bytes) === digest) return bytes
    }
    return new Uint8Array(0)
  }
}

export function refuse(response: ServerResponse, status: number, code?: string): void {
  response.writeHead(status, code === undefined ? {} : { 'X-Error-Code': code }).end()
}

export function sendBytes(request: IncomingMessage, response: ServerResponse, bytes: Uint8Array): void {
  const [range, from, to] = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? '') ?? []
  const start = Number(from ?? 0)
  if (start > 0 && start >= bytes.length) return void refuse(response, 416)
  const part = bytes.subarray(start, to ? Number(to) + 1 : undefined)
  response.setHeader('Content-Length', part.length)
  response.statusCode = range === undefined ? 200 : 206
  const last = start + part.length - 1
  if (range !== undefined) response.setHeader('Content-Range', `bytes ${start}-${last}/${bytes.length}`)
  response.end(request.method === 'HEAD' ? undefined : part)
}

/** A manner that applies to the first so many requests that match. */
export function atFirst(times: number, matches: (asked: Asked) => boolean, answer: Answer): Manner {
  let left = times
  return (request, response, asked) => {
    if (left === 0 || !matches(asked)) return false
    left--
    answer(request, response, asked)
    return true
  }
}

/** A manner that applies to all requests that match. */
export const always = (matches: (asked: Asked) => boolean, answer: Answer): Manner =>
  atFirst(Number.POSITIVE_INFINITY, matches, answer)

/** Sends the next so many bytes of what was asked for, and hangs up once they are `received`. */
export const hangUp =
  (bytes: Uint8Array, after: number, received: () => number): Answer =>
  async (request, response) => {
    const start = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0)
    response.writeHead(start > 0 ? 206 : 200, {
      'Content-Length': bytes.length - start,
      ...(start > 0 && { 'Content-Range': `bytes ${start}-${bytes.length - 1}/${bytes.length}` }),
    })
    response.write(bytes.subarray(start, start + after))
    // What a client has not read yet when a connection breaks is lost.
    while (received() < start + after) await new Promise((resolve) => setTimeout(resolve, 5))
    response.destroy()
  }
