// What belongs to a recipe and a size where nobody says otherwise.

import type { OptimizationOptions } from './optimization.js'
import { OPTIMIZATION, RATES, type RecipeName } from './recipes.js'
import { SIZES, type SizeName } from './shape.js'

/**
 * What a recipe, a size and an optimizer have of their own where nothing is said.
 *
 * @example
 * recipeDefaults({ recipe: 'electra', size: 'mini' }) // { learningRate: 0.001, weightDecay: 0.1, cased: false }
 */
export function recipeDefaults({ recipe, size, optimizer = OPTIMIZATION[recipe].optimizer ?? 'adamw' }: Chosen) {
  return { learningRate: SIZES[size].learningRate, ...RATES[optimizer], cased: recipe === 'spanbert' }
}

interface Chosen extends Pick<OptimizationOptions, 'optimizer'> {
  readonly recipe: RecipeName
  readonly size: SizeName
}
