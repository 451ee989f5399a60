// The back ends of browsers: onnxruntime-web in WebAssembly or on WebGPU. Each is a module of its own, imported when it is
// chosen, so that a page without WebGPU does not load the larger one.

import type { Env } from 'onnxruntime-web'
import type { Backend, BackendOptions, DeviceChoice, Engine } from './backend.js'
import { chooseDevice, type Surroundings } from './deviceChoice.js'
import { missingEngine, RuntimeError } from './errors.js'

/** The engine's WebAssembly, by device, as its package names it. */
const WASM_FILES = {
  wasm: 'ort-wasm-simd-threaded.wasm',
  webgpu: 'ort-wasm-simd-threaded.asyncify.wasm',
} as const

type WebDevice = keyof typeof WASM_FILES

/** Opens a device: the one that is asked for, else the best one; see {@link chooseDevice}. */
export async function openBackend(options: BackendOptions = {}): Promise<Backend> {
  const choice = chooseDevice(options, await surroundings(options))
  const device = choice.device as WebDevice
  const engine = await load(device).catch(missingEngine('onnxruntime-web'))
  setUp(device, engine.env, choice, options)
  const executionProviders = device === 'wasm' ? ['wasm'] : ['webgpu', 'wasm']
  return { choice, engine, native: false, sessionOptions: { executionProviders } }
}

const load = (device: WebDevice): Promise<Engine & { readonly env: Env }> =>
  device === 'wasm' ? import('onnxruntime-web/wasm') : import('onnxruntime-web/webgpu')

/** What cannot be changed any more, by device. */
const started = new Map<WebDevice, number>()

/** WebAssembly starts once: its files and its threads are those of the first time. */
function setUp(device: WebDevice, { wasm }: Env, { threads }: DeviceChoice, { wasmPaths }: BackendOptions): void {
  const before = started.get(device)
  if (before !== undefined && before !== threads) {
    const message = `WebAssembly was started with ${before} threads, and cannot go on with ${threads}`
    throw new RuntimeError('option-invalid', `${message}: ask for them first, or in another worker`)
  }
  started.set(device, threads)
  wasm.numThreads = threads
  if (wasmPaths === undefined) return
  // The script that belongs to it is in the bundle: of a folder, only the file is named, so that it is not looked for as well.
  wasm.wasmPaths = typeof wasmPaths === 'string' ? { wasm: inFolder(wasmPaths, WASM_FILES[device]) } : wasmPaths
}

const inFolder = (folder: string, file: string): string => `${folder.replace(/\/*$/, '/')}${file}`

/** The parts of WebGPU that are asked for, which TypeScript does not know everywhere yet. */
interface Gpu {
  requestAdapter(): Promise<{ readonly info?: { readonly isFallbackAdapter?: boolean } } | null>
}

async function surroundings({ device, wasmPaths }: BackendOptions): Promise<Surroundings> {
  const { navigator, crossOriginIsolated = false } = globalThis as {
    readonly navigator?: { readonly gpu?: Gpu; readonly hardwareConcurrency?: number }
    readonly crossOriginIsolated?: boolean
  }
  // Not asked for where it does not matter: it may start another process. One that is switched off may say so by throwing.
  const adapter = device === 'wasm' ? null : await navigator?.gpu?.requestAdapter().catch(() => null)
  const kind = adapter ? (adapter.info?.isFallbackAdapter ? 'software' : 'hardware') : 'none'
  const hasOwnFile = (typeof wasmPaths === 'object' && wasmPaths.mjs !== undefined) || (await isSplit())
  return { adapter: kind, isIsolated: crossOriginIsolated, hasOwnFile, cores: navigator?.hardwareConcurrency ?? 1 }
}

/** Whether what is imported on demand, as the engines are, is in another file than this. */
const isSplit = async (): Promise<boolean> => (await import('./ownFile.js')).address !== import.meta.url
