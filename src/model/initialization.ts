// What new parameters start from. Most are drawn; positions begin as waves, and the first layer's heads begin looking along
// them at a token's neighbours, so that a small model sees context from its first step (docs/pretraining.md measures it).

import { Random } from '../random.js'
import { type ParameterDeclaration, parameterSize } from './parameters.js'

/**
 * How a new parameter starts: all zeros, all ones, or normal with a deviation, where
 * - `zeroRow` is a row of zeros;
 * - `identity` puts a one where row and column are the same, so that the input passes through as it is;
 * - `looksAside` puts `queries` or `keys` [hidden, in] on top that make each head look at an offset along
 *   {@link fillWithWaves | waves};
 * and `waves`: positions, one a row, as waves beside normal deviates of that deviation.
 */
export type Initializer =
  | {
      readonly normal: number
      readonly zeroRow?: number
      readonly identity?: boolean
      readonly looksAside?: LooksAside
    }
  | { readonly waves: number }
  | 'zeros'
  | 'ones'

/** The half of an attention that is begun, and what there must be known of its heads. */
export interface LooksAside {
  readonly as: 'query' | 'key'
  readonly headSize: number
}

/**
 * Initial values. Each parameter has a random stream of its own, named by its path, so that adding a head does not
 * change how the encoder starts. What is drawn has the distributions of transformers' `_init_weights`, not its numbers.
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
  const width = values.length / shape[0]!
  if ('waves' in initializer) return fillWithWaves(values, width, initializer.waves)
  const random = new Random(seed, hash(path))
  for (let i = 0; i < values.length; i++) values[i] = random.normal() * initializer.normal
  const { zeroRow, identity, looksAside } = initializer
  if (zeroRow !== undefined) values.fill(0, zeroRow * width, (zeroRow + 1) * width)
  if (identity) for (let i = 0; i < Math.min(shape[0]!, width); i++) values[i * width + i]! += 1
  if (looksAside) lookAside(values, width, looksAside)
  return values
}

/** Waves in a row of positions; each takes two columns, a sine and a cosine. */
const WAVES = 16
/** Radians from one row to the next of the first wave and of the last: it repeats after 314 rows. */
const [FASTEST, SLOWEST] = [2, 0.02]
/** How far waves go, in deviations of what they are added to: far enough to be told from it. */
const AMPLITUDE = Math.sqrt(8)

/** Radians a row; falls geometrically. */
const frequency = (wave: number): number => FASTEST * (SLOWEST / FASTEST) ** (wave / (WAVES - 1))

/**
 * Sines and cosines of ever longer waves, so that moving on by a number of rows is one linear map for all of them
 * (Vaswani et al., 2017, section 3.5), but in few columns and large there: the other columns are left to the words.
 */
function fillWithWaves(values: Float32Array, width: number, deviation: number): Float32Array {
  const amplitude = deviation * AMPLITUDE
  for (let start = 0, row = 0; start < values.length; start += width, row++) {
    for (let wave = 0; wave < Math.min(WAVES, Math.floor(width / 2)); wave++) {
      const angle = row * frequency(wave)
      values[start + 2 * wave] = amplitude * Math.sin(angle)
      values[start + 2 * wave + 1] = amplitude * Math.cos(angle)
    }
  }
  return values
}

/** Where heads look, in tokens: the first at the one before, the second at the next. Half of them, and all from the fifth on, are left free. */
const OFFSETS = [-1, 1, -2, 2]
/** What a query and a key that meet make of all waves, before attention's softmax, per unit of a wave's energy. */
const GAIN = 0.375

/**
 * Makes keys the waves themselves, and queries the waves turned to where their head looks: their product is largest for
 * the token there. That queries and keys begin alike is from Trockman and Kolter (2023, https://arxiv.org/abs/2305.09828).
 */
function lookAside(values: Float32Array, width: number, { as, headSize }: LooksAside): void {
  const gain = Math.sqrt(GAIN * Math.sqrt(headSize))
  const heads = values.length / width / headSize
  const looking = Math.min(OFFSETS.length, Math.ceil(heads / 2))
  const waves = Math.min(WAVES, Math.floor(width / 2), Math.floor(headSize / 2))
  for (let head = 0; head < looking; head++) {
    for (let wave = 0; wave < waves; wave++) {
      const angle = as === 'key' ? 0 : OFFSETS[head]! * frequency(wave)
      const [sin, cos] = [gain * Math.sin(angle), gain * Math.cos(angle)]
      const ofSine = (head * headSize + 2 * wave) * width + 2 * wave
      const ofCosine = ofSine + width
      values[ofSine]! += cos
      values[ofSine + 1]! += sin
      values[ofCosine]! -= sin
      values[ofCosine + 1]! += cos
    }
  }
}

/** FNV-1a over UTF-16 units. */
function hash(text: string): number {
  let h = 0x811c9dc5
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193)
  return h >>> 0
}
