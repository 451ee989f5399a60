// Which device a browser's page gets where it asks for none, or for a part of it: WebGPU where there is an adapter, else
// WebAssembly, with threads where the page may share memory between them.

import type { BackendOptions, DeviceChoice } from './backend.js'
import { RuntimeError, unknownDevice } from './errors.js'

/** What a page has. */
export interface Surroundings {
  /** What WebGPU offers: an adapter, one that the processor emulates, or none. */
  readonly adapter: 'hardware' | 'software' | 'none'
  /** Whether memory can be shared with threads: the page is cross-origin isolated. */
  readonly isIsolated: boolean
  /** Whether the engine has a file of its own, which its threads are started with. */
  readonly hasOwnFile: boolean
  readonly cores: number
}

/** More threads than these bring little to layers of a few hundred columns, and ONNX Runtime has the same limit. */
const MOST_THREADS = 4

const HEADERS = 'the headers Cross-Origin-Opener-Policy and Cross-Origin-Embedder-Policy make it so (docs/browser.md)'

const SPLIT = 'have the bundler split its output, or name the script in wasmPaths (docs/browser.md)'

const NO_GPU = {
  none: 'there is no WebGPU adapter',
  software: 'the WebGPU adapter is emulated by the processor, which is slower',
} as const

/**
 * Chooses.
 *
 * @throws {RuntimeError} `device-unavailable` if what is asked for is not there
 */
export function chooseDevice({ device, threads }: BackendOptions, has: Surroundings): DeviceChoice {
  if (device !== undefined && device !== 'wasm' && device !== 'webgpu') throw unknownDevice(device, ['wasm', 'webgpu'])
  if (device === 'webgpu' && has.adapter === 'none') {
    const message = 'there is no WebGPU adapter here: use the device wasm, or a browser and a machine that have WebGPU'
    throw new RuntimeError('device-unavailable', message)
  }
  if (threads !== undefined && threads > 1 && !(has.isIsolated && has.hasOwnFile)) {
    const message = has.isIsolated
      ? `${threads} threads need the engine in a file of its own; ${SPLIT}`
      : `${threads} threads need a page that is cross-origin isolated; ${HEADERS}`
    throw new RuntimeError('device-unavailable', message)
  }
  const chosen = device ?? (has.adapter === 'hardware' ? 'webgpu' : 'wasm')
  const count = threads ?? (has.isIsolated && has.hasOwnFile ? Math.min(MOST_THREADS, has.cores) : 1)
  return { device: chosen, threads: count, why: [reasonFor(device, has), reasonOfThreads(threads, has)].join('; ') }
}

function reasonFor(device: BackendOptions['device'], { adapter }: Surroundings): string {
  if (device !== undefined) return `${device} was asked for`
  return adapter === 'hardware' ? 'there is a WebGPU adapter' : NO_GPU[adapter]
}

function reasonOfThreads(threads: number | undefined, { isIsolated, hasOwnFile, cores }: Surroundings): string {
  if (threads !== undefined) return `${threads} ${threads === 1 ? 'thread was' : 'threads were'} asked for`
  if (isIsolated && !hasOwnFile) return 'the bundle is one file, with which no threads can be started'
  return isIsolated ? `the page is cross-origin isolated, on ${cores} cores` : 'the page is not cross-origin isolated'
}
