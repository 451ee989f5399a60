// Parameters are declared by path, next to the layer that uses them, and the path is the checkpoint's name. Building a
// model's graph therefore also lists its parameters: the same code loads a checkpoint or starts a new one.

import { BertkinError } from '../errors.js'
import { formatShape, parameter, type Tensor } from '../graph/index.js'
import type { Initializer } from './initialization.js'

/** A parameter as some layer declared it. */
export interface ParameterDeclaration {
  readonly path: string
  readonly shape: readonly number[]
  readonly initializer: Initializer
  readonly tensor: Tensor
}

/**
 * A place in the tree of parameters. `at` goes down, `get` declares; a path that was declared before gives the same
 * tensor again, which is all there is to sharing and tying.
 *
 * @example
 * const root = new ParameterScope()
 * const query = root.at('encoder.layer.0').at('attention.self.query')
 * const weight = query.get('weight', [256, 256], { normal: 0.02 }) // encoder.layer.0.attention.self.query.weight
 */
export class ParameterScope {
  constructor(
    private readonly declared: Map<string, ParameterDeclaration> = new Map(),
    private readonly prefix = '',
  ) {}

  at(path: string): ParameterScope {
    return new ParameterScope(this.declared, this.#join(path))
  }

  get(name: string, shape: readonly number[], initializer: Initializer): Tensor {
    const path = this.#join(name)
    const present = this.declared.get(path)
    if (!present) {
      const tensor = parameter(path, shape)
      this.declared.set(path, { path, shape, initializer, tensor })
      return tensor
    }
    if (formatShape(present.shape) !== formatShape(shape)) {
      const message = `"${path}" is declared as ${formatShape(present.shape)} and as ${formatShape(shape)}`
      throw new BertkinError('duplicate-name', message)
    }
    return present.tensor
  }

  /** Everything declared so far, in the order of declaration. */
  declarations(): ParameterDeclaration[] {
    return [...this.declared.values()]
  }

  #join(name: string): string {
    return this.prefix ? `${this.prefix}.${name}` : name
  }
}

/**
 * How many numbers a parameter holds.
 *
 * @example
 * parameterSize({ shape: [256, 128] }) // 32768
 */
export const parameterSize = ({ shape }: Pick<ParameterDeclaration, 'shape'>): number =>
  shape.reduce((product, dim) => product * dim, 1)
