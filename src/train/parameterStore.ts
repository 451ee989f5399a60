// All parameters of a run in one flat buffer, and their gradients in another, so that the optimizer makes one pass and
// the graph reads and writes views without copies.

import type { Initializer, ParameterDeclaration } from '../model/index.js'
import { initialValues, parameterSize } from '../model/index.js'
import type { TensorData } from '../runtime/index.js'

/** A parameter's place in the flat buffers. */
export interface ParameterSlot {
  readonly path: string
  readonly shape: readonly number[]
  readonly initializer: Initializer
  readonly start: number
  readonly end: number
}

/**
 * The parameters of a run by path, as views of one Float32Array; zeros until `initialize`.
 *
 * @example
 * const declarations = defineModel(createConfig({ modelType: 'electra' }), 'pretraining').scope.declarations()
 * const store = new ParameterStore(declarations)
 * store.initialize(declarations, 42)
 * store.get('electra.embeddings.word_embeddings.weight')?.dims // [30522, 128]
 */
export class ParameterStore {
  readonly slots: readonly ParameterSlot[]
  /** Every parameter's values, one after the other. */
  readonly values: Float32Array

  constructor(declarations: readonly ParameterDeclaration[]) {
    let start = 0
    this.slots = declarations.map(({ path, shape, initializer }) => {
      const slot = { path, shape, initializer, start, end: start + parameterSize({ shape }) }
      start = slot.end
      return slot
    })
    this.values = new Float32Array(start)
  }

  /** Starts every parameter from its initializer; a path not named by `given` depends on the seed alone. */
  initialize(declarations: readonly ParameterDeclaration[], seed: number): void {
    declarations.forEach((declaration, i) => {
      this.values.set(initialValues(declaration, seed), this.slots[i]!.start)
    })
  }

  /** Views of a buffer as large as `values`, as tensors by name. */
  views(
    buffer: Float32Array,
    nameOf: (path: string) => string = (path) => path,
  ): Record<string, TensorData<Float32Array>> {
    return Object.fromEntries(
      this.slots.map(({ path, shape, start, end }) => [
        nameOf(path),
        { data: buffer.subarray(start, end), dims: shape },
      ]),
    )
  }

  /** One parameter's values. */
  get(path: string): TensorData<Float32Array> | undefined {
    const slot = this.slots.find((candidate) => candidate.path === path)
    return slot && { data: this.values.subarray(slot.start, slot.end), dims: slot.shape }
  }
}
