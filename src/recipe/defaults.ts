// What belongs to a recipe and a size where nobody says otherwise.

import type { OptimizationOptions } from './optimization.js'
import { OPTIMIZATION, RATES, type RecipeChoices, type RecipeName } from './recipes.js'
import { SIZES, type SizeName } from './shape.js'

/** A model that is trained further takes smaller steps: BERT's README has 2e-5 in place of 1e-4. */
const FURTHER = 0.2

/**
 * What a recipe, a size and an optimizer have of their own where nothing is said.
 *
 * @example
 * recipeDefaults({ recipe: 'electra', size: 'mini' }) // { learningRate: 0.001, weightDecay: 0.1, cased: false }
 */
export function recipeDefaults({
  recipe,
  size,
  optimizer = OPTIMIZATION[recipe].optimizer ?? 'adamw',
  configs,
}: Chosen) {
  const { learningRate, ...rates } = { learningRate: SIZES[size].learningRate, ...RATES[optimizer] }
  return { learningRate: configs ? FURTHER * learningRate : learningRate, ...rates, cased: recipe === 'spanbert' }
}

interface Chosen extends Pick<OptimizationOptions, 'optimizer'>, Pick<RecipeChoices, 'configs'> {
  readonly recipe: RecipeName
  readonly size: SizeName
}
