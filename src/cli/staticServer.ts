// A server of files for pages that run models: ranges, since weights are read in parts, and the headers that isolate a
// page from other origins, since WebAssembly has threads only then.

import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { extname, join } from 'node:path'
import { isInnerName } from '../checkpoint/index.js'

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain; charset=utf-8',
  '.wasm': 'application/wasm',
}

/** Where the files below a path lie. */
export interface Place {
  /** `` for the site itself, `models/` for what is below it. */
  readonly path: string
  readonly folder: string
}

/** @param places tried in order: the first that has the file answers */
export function staticServer(places: readonly Place[]): Server {
  return createServer((request, response) => {
    answer(request, response, places).catch(() => {
      if (!response.headersSent) response.writeHead(500)
      response.end()
    })
  })
}

async function answer(request: IncomingMessage, response: ServerResponse, places: readonly Place[]): Promise<void> {
  response.setHeader('Cross-Origin-Opener-Policy', 'same-origin')
  response.setHeader('Cross-Origin-Embedder-Policy', 'require-corp')
  response.setHeader('Cross-Origin-Resource-Policy', 'same-origin')
  response.setHeader('Cache-Control', 'no-cache') // the service worker keeps what is to be kept
  if (request.method !== 'GET' && request.method !== 'HEAD') return end(response, 405)
  const file = await find(request.url ?? '/', places)
  if (!file) return end(response, 404)
  const { path, size, modified } = file
  const tag = `"${size.toString(16)}-${Math.round(modified).toString(16)}"`
  response.setHeader('ETag', tag)
  response.setHeader('Accept-Ranges', 'bytes')
  response.setHeader('Content-Type', TYPES[extname(path)] ?? 'application/octet-stream')
  if (request.headers['if-none-match'] === tag) return end(response, 304)
  const range = rangeOf(request.headers.range, size)
  if (range === 'unsatisfiable') {
    response.setHeader('Content-Range', `bytes */${size}`)
    return end(response, 416)
  }
  const { start, end: last } = range ?? { start: 0, end: size - 1 }
  if (range) response.setHeader('Content-Range', `bytes ${start}-${last}/${size}`)
  response.setHeader('Content-Length', last - start + 1)
  response.writeHead(range ? 206 : 200)
  if (request.method === 'HEAD' || size === 0) response.end()
  else {
    createReadStream(path, { start, end: last })
      .on('error', () => response.destroy())
      .pipe(response)
  }
}

function end(response: ServerResponse, status: number): void {
  response.writeHead(status)
  response.end()
}

async function find(url: string, places: readonly Place[]) {
  let name: string
  try {
    name = decodeURIComponent(url.split(/[?#]/)[0]!.replace(/^\/+/, ''))
  } catch {
    return undefined
  }
  if (name === '' || name.endsWith('/')) name += 'index.html'
  if (!isInnerName(name)) return undefined
  for (const { path, folder } of places) {
    if (!name.startsWith(path)) continue
    const file = join(folder, name.slice(path.length))
    const found = await stat(file).catch(() => undefined)
    if (found?.isFile()) return { path: file, size: found.size, modified: found.mtimeMs }
  }
  return undefined
}

/** One range, as browsers ask for; undefined for the whole file. */
function rangeOf(
  header: string | undefined,
  size: number,
): { start: number; end: number } | 'unsatisfiable' | undefined {
  const match = /^bytes=(\d*)-(\d*)$/.exec(header ?? '')
  if (!match || (match[1] === '' && match[2] === '')) return undefined
  const [first, last] = [match[1]!, match[2]!]
  const start = first === '' ? Math.max(0, size - Number(last)) : Number(first)
  const end = first === '' || last === '' ? size - 1 : Math.min(size - 1, Number(last))
  return start > end ? 'unsatisfiable' : { start, end }
}
