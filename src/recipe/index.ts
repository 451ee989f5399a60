// Pretraining, put together: what a model of each kin is trained with, from texts to steps. The command line and pages
// do the rest: where texts come from, and where models go.

export {
  type Assembly,
  type AssemblyOptions,
  assemble,
  checkLearnable,
  evaluationBatches,
  heldOutSplit,
  type StepOptions,
  trainingSteps,
} from './assembly.js'
export { recipeDefaults } from './defaults.js'
export { fillFromCheckpoints } from './givenModels.js'
export { MASKINGS, type MaskingChoice, type MaskingName, makeMasking, maskingVocabulary } from './masking.js'
export { MaskSampler } from './maskSampler.js'
export {
  OPTIMIZERS,
  type OptimizationOptions,
  optimizationFacts,
  type RunLength,
  trainerOptions,
  warmupOf,
} from './optimization.js'
export {
  pretrainTexts,
  type TextPretrainingOptions,
  type TextPretrainingPlan,
  type TextPretrainingReporter,
  type TextPretrainingResult,
  type TextPretrainingSettings,
} from './pretrainTexts.js'
export { type Rate, RateMeter } from './rate.js'
export {
  checkRecipe,
  makeRecipe,
  maskingOf,
  modelFolders,
  OPTIMIZATION,
  PAIR_TASKS,
  RATES,
  RECIPES,
  type Recipe,
  type RecipeChoices,
  type RecipeName,
  type RecipeOptions,
  recipeFacts,
  SHARINGS,
} from './recipes.js'
export { type Measures, SIZES, type SizeName, sizeLike } from './shape.js'
export { countedTokens, recipeText } from './text.js'
export {
  linesOf,
  type NewTokenizer,
  piecesOf,
  TOKENIZER_TYPES,
  type TokenizerType,
  trainTokenizer,
  trainTokenizerOfType,
} from './tokenizers.js'
export { wordStarts } from './wordStarts.js'
