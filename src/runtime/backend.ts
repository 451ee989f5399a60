// What a back end must offer: one way to open ONNX bytes on a device. `backend.node.ts` and `backend.web.ts` implement
// it; package.json's "imports" choose between them, so that a browser bundle never sees Node's.

import type { InferenceSession, Tensor } from 'onnxruntime-web'

/** Where a graph runs: natively on the CPU (Node only), in WebAssembly, or on a GPU through WebGPU. */
export type Device = 'cpu' | 'wasm' | 'webgpu'

/** The part of ONNX Runtime's JavaScript API that both of its packages share. */
export interface Engine {
  readonly InferenceSession: {
    create(bytes: Uint8Array, options?: InferenceSession.SessionOptions): Promise<InferenceSession>
  }
  readonly Tensor: typeof Tensor
}

/** A device, and how it came to be this one; plain data. */
export interface DeviceChoice {
  readonly device: Device
  /** Of one function call, on the CPU. */
  readonly threads: number
  /** In words, for people: what was asked for, or what was found and what was not. */
  readonly why: string
}

export interface Backend {
  readonly choice: DeviceChoice
  readonly engine: Engine
  /** Whether a session writes outputs into given arrays, and takes a call while another is under way. */
  readonly native: boolean
  /** Session options that this device needs. */
  readonly sessionOptions: InferenceSession.SessionOptions
}

export interface BackendOptions {
  /**
   * Default: in Node `cpu`; in browsers `webgpu` where there is a graphics adapter that is not emulated by the processor,
   * else `wasm`.
   */
  readonly device?: Device
  /**
   * Threads for one function call. Default: in Node one per core; in browsers one per core, four at most, where the page
   * is cross-origin isolated, and else one. WebAssembly starts once in a page or worker, with the threads of the first call.
   */
  readonly threads?: number
  /**
   * In browsers: where ONNX Runtime's WebAssembly is. The URL of a folder that has `ort-wasm-simd-threaded.wasm` (and
   * `ort-wasm-simd-threaded.asyncify.wasm`, for WebGPU), or of the one file that the device needs. Default: where the
   * bundler has put it, or beside the script. `mjs`: the script of the same name, for threads in a bundle of one file. See
   * docs/browser.md.
   */
  readonly wasmPaths?: string | { readonly wasm: string; readonly mjs?: string }
}
