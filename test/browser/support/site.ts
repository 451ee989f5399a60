// A web site with bertkin in it, bundled from the sources as esbuild does it for anybody, on a server of its own.

import { readFile, stat } from 'node:fs/promises'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join, normalize } from 'node:path'
import { build } from 'esbuild'
import { importsFromSource, root } from './fromSource.js'

export interface SiteOptions {
  /** Send the headers that make pages cross-origin isolated. Default false. */
  readonly isolated?: boolean
  /** Bundle page and worker into one file each, as bundlers do that do not split. Default false. */
  readonly oneFile?: boolean
  /** Folders below an address: `/models/` → a folder on the disk. */
  readonly folders?: Readonly<Record<string, string>>
  /** Answers before anything else does; returns whether it has. */
  readonly answer?: (request: IncomingMessage, response: ServerResponse) => boolean
}

export interface Site {
  readonly url: string
  /** Paths that were asked for, with the method. */
  readonly log: string[]
  close(): Promise<void>
}

const TYPES: Readonly<Record<string, string>> = {
  html: 'text/html',
  js: 'text/javascript',
  mjs: 'text/javascript',
  wasm: 'application/wasm',
  json: 'application/json',
}

const PAGE = `<!doctype html><meta charset="utf-8"><title>bertkin</title><script type="module" src="/page.js"></script>`

/** The page's script and the worker's, and what they share, by address. */
async function bundle(splitting: boolean): Promise<ReadonlyMap<string, Uint8Array>> {
  const { outputFiles } = await build({
    entryPoints: {
      page: join(root, 'test/browser/support/page.ts'),
      worker: join(root, 'src/browser/worker.ts'),
    },
    bundle: true,
    splitting,
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
    outdir: '/',
    write: false,
    plugins: [importsFromSource],
    logLevel: 'silent',
  })
  return new Map(outputFiles.map(({ path, contents }) => [path, contents]))
}

export async function openSite({
  isolated = false,
  oneFile = false,
  folders = {},
  answer,
}: SiteOptions = {}): Promise<Site> {
  const bundled = await bundle(!oneFile)
  const log: string[] = []
  const all = { '/': join(root, 'node_modules/onnxruntime-web/dist/'), ...folders }

  const contentOf = async (path: string): Promise<Uint8Array | undefined> => {
    if (path === '/') return new TextEncoder().encode(PAGE)
    if (bundled.has(path)) return bundled.get(path)
    const [prefix, folder] = Object.entries(all).findLast(([start]) => path.startsWith(start))!
    const file = normalize(join(folder, path.slice(prefix.length)))
    const info = await stat(file).catch(() => undefined)
    return info?.isFile() ? readFile(file) : undefined
  }

  const server = createServer(async (request, response) => {
    const path = decodeURIComponent(new URL(request.url ?? '/', 'http://site').pathname)
    log.push(`${request.method} ${path}`)
    if (isolated) {
      response.setHeader('Cross-Origin-Opener-Policy', 'same-origin')
      response.setHeader('Cross-Origin-Embedder-Policy', 'require-corp')
    }
    if (answer?.(request, response)) return
    const content = await contentOf(path)
    if (content === undefined) return void response.writeHead(404).end()
    const extension = path === '/' ? 'html' : path.slice(path.lastIndexOf('.') + 1)
    response.writeHead(200, {
      'Content-Type': TYPES[extension] ?? 'application/octet-stream',
      'Content-Length': content.length,
      'Cache-Control': 'no-store', // what is kept is kept by bertkin
      ETag: `"${content.length}"`,
    })
    response.end(request.method === 'HEAD' ? undefined : content)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}/`,
    log,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections()
        server.close(() => resolve())
      }),
  }
}
