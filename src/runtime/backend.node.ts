// The back ends of Node: onnxruntime-node on the CPU or through its WebGPU provider, and onnxruntime-web's
// WebAssembly, which runs here too and makes the browser's numbers testable.

import { availableParallelism } from 'node:os'
import type { Backend, BackendOptions, Engine } from './backend.js'
import { missingEngine, unknownDevice } from './errors.js'

/** Opens a device; the CPU with one thread per core unless said otherwise. */
export async function openBackend(options: BackendOptions = {}): Promise<Backend> {
  const { device = 'cpu', threads = availableParallelism() } = options
  const why = options.device === undefined ? 'Node runs on the CPU unless told otherwise' : `${device} was asked for`
  const choice = { device, threads, why }
  switch (device) {
    case 'cpu':
    case 'webgpu': {
      const engine: Engine = await import('onnxruntime-node').catch(missingEngine('onnxruntime-node'))
      const executionProviders = device === 'cpu' ? ['cpu'] : ['webgpu', 'cpu']
      return { choice, engine, native: true, sessionOptions: { executionProviders, intraOpNumThreads: threads } }
    }
    case 'wasm': {
      const engine = await import('onnxruntime-web').catch(missingEngine('onnxruntime-web'))
      engine.env.wasm.numThreads = threads
      return { choice, engine, native: false, sessionOptions: { executionProviders: ['wasm'] } }
    }
    default:
      throw unknownDevice(device, ['cpu', 'wasm', 'webgpu'])
  }
}
