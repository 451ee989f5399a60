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

export interface Backend {
  readonly device: Device
  readonly engine: Engine
  /** Whether a session writes outputs into given arrays, and takes a call while another is under way. */
  readonly native: boolean
  /** Session options that this device needs. */
  readonly sessionOptions: InferenceSession.SessionOptions
}

export interface BackendOptions {
  readonly device?: Device
  readonly threads?: number
}
