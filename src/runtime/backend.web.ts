// The back ends of browsers: onnxruntime-web in WebAssembly or on WebGPU.

import type { Backend, BackendOptions } from './backend.js'
import { missingEngine, unknownDevice } from './errors.js'

/** Opens a device; WebAssembly unless said otherwise, with threads where the page is cross-origin isolated. */
export async function openBackend({ device = 'wasm', threads }: BackendOptions = {}): Promise<Backend> {
  if (device !== 'wasm' && device !== 'webgpu') throw unknownDevice(device, ['wasm', 'webgpu'])
  const engine = await import('onnxruntime-web').catch(missingEngine('onnxruntime-web'))
  if (threads !== undefined) engine.env.wasm.numThreads = threads
  const executionProviders = device === 'wasm' ? ['wasm'] : ['webgpu', 'wasm']
  return { device, engine, native: false, sessionOptions: { executionProviders } }
}
