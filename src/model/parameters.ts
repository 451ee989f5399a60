// Parameters are declared by path, next to the layer that uses them, and the path is the checkpoint's name. Building a
// model's graph therefore also lists its parameters: the same code loads a checkpoint or starts a new one.

import { BertkinError } from '../errors.js'
import { formatShape, parameter, type Tensor } from '../graph/index.js'
import { Random } from '../random.js'

/**
 * How a new parameter starts: normal with a deviation, as waves along its rows with a deviation (Vaswani et al., 2017,
 * section 3.5), all zeros, or all ones.
 */
export type Initializer =
  | { readonly normal: number; readonly zeroRow?: number }
  | { readonly sinusoidal: number }
  | 'zeros'
  | 'ones'

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

/**
 * Initial values. Each parameter has a random stream of its own, named by its path, so that adding a head does not
 * change how the encoder starts. The distributions are those of transformers' `_init_weights`, the numbers are not.
 *
 * @param seed any integer
 *
 * @example
 * const { scope } = defineModel(createConfig({ modelType: 'electra' }), 'base')
 * const values = scope.declarations().map((declaration) => initialValues(declaration, 42))
 */
export function initialValues({ path, shape, initializer }: ParameterDeclaration, seed: number): Float32Array {
  const values = new Float32Array(parameterSize({ shape }))
  if (initializer === 'zeros') return values
  if (initializer === 'ones') return values.fill(1)
  if ('sinusoidal' in initializer) return fillWithWaves(values, shape[1]!, initializer.sinusoidal)
  const random = new Random(seed, hash(path))
  for (let i = 0; i < values.length; i++) values[i] = random.normal() * initializer.normal
  const { zeroRow } = initializer
  if (zeroRow !== undefined) {
    const width = values.length / shape[0]!
    values.fill(0, zeroRow * width, (zeroRow + 1) * width)
  }
  return values
}

/** The longest wave is 2π times this many rows. */
const LONGEST_WAVE = 1000

/** Sines and cosines of ever longer waves, so that moving on by a number of rows is one linear map for all of them. */
function fillWithWaves(values: Float32Array, width: number, deviation: number): Float32Array {
  const amplitude = deviation * Math.SQRT2
  for (let i = 0; i < values.length; i++) {
    const [row, column] = [Math.floor(i / width), i % width]
    const angle = row * LONGEST_WAVE ** ((-2 * Math.floor(column / 2)) / width)
    values[i] = amplitude * (column % 2 === 0 ? Math.sin(angle) : Math.cos(angle))
  }
  return values
}

/** FNV-1a over UTF-16 units. */
function hash(text: string): number {
  let h = 0x811c9dc5
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193)
  return h >>> 0
}
