// hyparquet in a thread of its own. A damaged file, one wrong byte is enough, can send it into an endless loop or make it
// ask for all the memory there is, and what it leaves unobserved in its promises would end the process; a thread can be
// given limits and be ended.

import { createRequire } from 'node:module'
import { pathToFileURL } from 'node:url'
import { Worker } from 'node:worker_threads'
import type { AsyncBuffer, FileMetaData } from 'hyparquet'

/** Of JavaScript's heap; a row group's texts must fit. */
const MAX_HEAP_MB = 4096

/** A parquet file that is open in its thread. */
export interface ParquetThread {
  metadata(): Promise<FileMetaData>
  /** The values of a top-level column in rows `rowStart` to `rowEnd` (exclusive). */
  column(name: string, rowStart: number, rowEnd: number): Promise<unknown[]>
  close(): Promise<void>
}

type Request = { readonly column?: string; readonly rowStart?: number; readonly rowEnd?: number }
type Reply = { readonly result?: unknown; readonly error?: string }

/**
 * Starts the thread. Everything it does is rejected with an Error that says what hyparquet found wrong, or that it ran out
 * of memory or of the `seconds` that one request may take.
 *
 * @example
 * const thread = openParquetThread('train.parquet', 60)
 * try {
 *   console.log((await thread.metadata()).num_rows)
 * } finally {
 *   await thread.close()
 * }
 */
export function openParquetThread(path: string, seconds: number): ParquetThread {
  const module = pathToFileURL(createRequire(import.meta.url).resolve('hyparquet')).href
  const worker = new Worker(`(${serve.toString()})(require, (module) => import(module))`, {
    eval: true,
    execArgv: [],
    workerData: { path, module },
    resourceLimits: { maxOldGenerationSizeMb: MAX_HEAP_MB },
  })
  // What goes wrong between two requests (a promise that nobody waits for) must not reach the process.
  let ended = false
  worker.on('error', () => {})
  worker.on('exit', () => {
    ended = true
  })
  const ask = (request: Request): Promise<unknown> =>
    new Promise((resolve, reject) => {
      if (ended) return reject(new Error('its thread ended'))
      const timer = setTimeout(() => settle({ error: `it did not come to an end within ${seconds} s` }), seconds * 1000)
      const onError = (error: Error & { code?: string }): void =>
        settle({ error: error.code === 'ERR_WORKER_OUT_OF_MEMORY' ? 'it takes too much memory' : error.message })
      const onExit = (): void => settle({ error: 'its thread ended' })
      const settle = ({ result, error }: Reply): void => {
        clearTimeout(timer)
        worker.off('message', settle).off('error', onError).off('exit', onExit)
        if (error === undefined) resolve(result)
        else reject(new Error(error))
      }
      worker.on('message', settle).on('error', onError).on('exit', onExit)
      worker.postMessage(request)
    })
  return {
    metadata: async () => (await ask({})) as FileMetaData,
    column: async (column, rowStart, rowEnd) => (await ask({ column, rowStart, rowEnd })) as unknown[],
    close: async () => {
      await worker.terminate()
    },
  }
}

/** The thread's program. It is passed on as text: it may use nothing but what is inside it. */
function serve(require: NodeJS.Require, load: (module: string) => Promise<typeof import('hyparquet')>): void {
  const { parentPort, workerData } = require('node:worker_threads') as typeof import('node:worker_threads')
  const { open } = require('node:fs/promises') as typeof import('node:fs/promises')
  const zlib = require('node:zlib') as typeof import('node:zlib')
  const { path, module } = workerData as { path: string; module: string }
  const maxPageBytes = 2 ** 30

  // Node's own codecs; Snappy and no compression at all are hyparquet's.
  type Run = (input: Uint8Array, options: { maxOutputLength: number }) => Buffer
  const inflate = (run: Run) => (input: Uint8Array, length: number) => {
    if (!(length >= 0 && length <= maxPageBytes)) throw new Error(`a page claims ${length} bytes`)
    return new Uint8Array(run(input, { maxOutputLength: Math.max(1, length) }))
  }
  const zstd: unknown = Reflect.get(zlib, 'zstdDecompressSync')
  const compressors = {
    GZIP: inflate(zlib.gunzipSync),
    BROTLI: inflate(zlib.brotliDecompressSync),
    ...(typeof zstd === 'function' ? { ZSTD: inflate(zstd as Run) } : {}),
  }
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
  const parsers = { stringFromBytes: (bytes: Uint8Array | undefined) => bytes && decoder.decode(bytes) }

  /** Offsets in the file are not to be trusted: reads must stay inside it. */
  const openFile = async (): Promise<AsyncBuffer> => {
    const handle = await open(path, 'r')
    const { size: byteLength } = await handle.stat()
    return {
      byteLength,
      async slice(start, end = byteLength) {
        if (!(start >= 0 && end >= start && end <= byteLength)) {
          throw new Error(`bytes ${start} to ${end} are outside the file, which has ${byteLength}`)
        }
        const bytes = new Uint8Array(end - start)
        for (let done = 0; done < bytes.length; ) {
          const { bytesRead } = await handle.read(bytes, done, bytes.length - done, start + done)
          if (bytesRead === 0) throw new Error('the file became shorter while it was read')
          done += bytesRead
        }
        return bytes.buffer
      },
    }
  }

  const setUp = async () => {
    const { parquetMetadataAsync, parquetRead } = await load(module)
    const file = await openFile()
    if (file.byteLength < 12) throw new Error('it is too short')
    // Strict decoding is for the values: statistics may cut text in the middle of a character.
    const metadata = await parquetMetadataAsync(file, { geoparquet: false })
    const read = async ({ column, rowStart, rowEnd }: { column: string; rowStart: number; rowEnd: number }) => {
      let values: unknown[] = []
      const onComplete = (rows: unknown[][]): void => {
        values = rows.map(([value]) => value)
      }
      const options = { file, metadata, columns: [column], compressors, parsers, utf8: false, geoparquet: false }
      await parquetRead({ ...options, rowStart, rowEnd, onComplete })
      return values
    }
    return { metadata, read }
  }

  const ready = setUp()
  ready.catch(() => {}) // it is told when the first question comes
  parentPort?.on('message', async (request) => {
    try {
      const { metadata, read } = await ready
      parentPort.postMessage({ result: request.column === undefined ? metadata : await read(request) })
    } catch (error) {
      parentPort.postMessage({ error: error instanceof Error ? error.message : String(error) })
    }
  })
}
