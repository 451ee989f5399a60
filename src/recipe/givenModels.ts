// Models that are trained further: checkpoints with their shapes and their weights, in place of new ones.

import { createConfig, type EncoderConfig, type Folder, openWeights, parseConfig } from '../checkpoint/index.js'
import { BertkinError } from '../errors.js'
import { checkEncoder, checkTokenizer, maxSequenceLength, resolveModel } from '../model/index.js'
import type { TrainedModel } from '../objective/index.js'
import type { Tokenizer } from '../tokenizer/index.js'
import type { ParameterStore } from '../train/index.js'
import type { RecipeName, RecipeOptions } from './recipes.js'

/**
 * A checkpoint's configuration as a recipe trains it: with the run's dropout, if tokenizer and texts fit.
 *
 * @param text its config.json
 * @throws {BertkinError} `option-invalid` for another kin, or sequences longer than the model's positions;
 *   `token-out-of-range` for a tokenizer with more tokens than the model has
 * @throws {CheckpointError} those of `parseConfig`
 */
export function givenConfig(
  recipe: RecipeName,
  text: string,
  tokenizer: Tokenizer,
  { maxLength, dropout }: Pick<RecipeOptions, 'maxLength' | 'dropout'>,
): EncoderConfig {
  const config = parseConfig(text)
  const kin = recipe === 'spanbert' ? 'bert' : recipe
  if (config.modelType !== kin) {
    const message = `the recipe ${recipe} trains models of the type ${kin}, not ${config.modelType}`
    throw new BertkinError('option-invalid', `${message}: name another recipe, or another model`)
  }
  checkTokenizer(tokenizer, config)
  const most = maxSequenceLength(config)
  if (maxLength > most) {
    const message = `the model reads ${most} tokens at most, not ${maxLength}: lower --max-length`
    throw new BertkinError('option-invalid', message)
  }
  return createConfig({ ...config, hiddenDropoutProb: dropout, attentionProbsDropoutProb: dropout })
}

/**
 * Puts the checkpoints' values into the parameters of the models that train them further. What a checkpoint lacks above
 * its encoder stays as it is: an encoder without its pretraining head gets a new one.
 *
 * @param folders one for each model, in their order
 * @returns the paths of the parameters that start anew
 * @throws {CheckpointError} `parameter-missing` if an encoder is not complete; `parameter-mismatch` for other shapes
 *
 * @example
 * const folder = await openFolder('models/bert')
 * const config = await readConfig(folder)
 * const objective = maskedLm(config, { vocabSize: config.vocabSize, maskTokenId: 4, specialTokenIds: new Set([0, 1, 2, 3, 4]) })
 * using runtime = await Runtime.open()
 * using trainer = await Trainer.create(objective, runtime, { steps: 1000 })
 * const fresh = await fillFromCheckpoints(objective.models, [folder], trainer.parameters)
 */
export async function fillFromCheckpoints(
  models: readonly TrainedModel[],
  folders: readonly Folder[],
  parameters: ParameterStore,
): Promise<readonly string[]> {
  const fresh: string[] = []
  for (const [i, { config, head, parameterName }] of models.entries()) {
    const folder = folders[i]!
    const weights = await openWeights(folder)
    const { resolved } = await resolveModel(config, head, weights)
    checkEncoder(folder, config, resolved)
    for (const [path, name] of resolved.found) {
      // An output matrix of its own, where the checkpoint has one, is tied to the embeddings from here on.
      parameters.get(parameterName(path))?.data.set(await weights.readFloat32(name))
    }
    fresh.push(...resolved.missing)
  }
  return fresh
}
