// The model that `pretrain --model` trains further: a checkpoint's folder, or an ELECTRA run's with both of its models.

import { type Folder, openCheckpoint, toHuggingFaceConfig } from '../checkpoint/index.js'
import { BertkinError } from '../errors.js'
import { readConfig } from '../model/index.js'
import { modelFolderFor } from '../pipeline/index.js'
import { type RecipeName, type SizeName, sizeLike } from '../recipe/index.js'
import { loadingOptions } from './downloads.js'

/** What a model says of the run that trains it further. */
export interface GivenModel {
  readonly recipe: RecipeName
  readonly size: SizeName
  /** config.json of each of its models. */
  readonly configs: readonly string[]
}

/**
 * Looks at a model that is to be trained further.
 *
 * @param asked the recipe that was named; default: the model's own
 * @throws {BertkinError} `option-invalid` for one half of an ELECTRA
 * @throws {CheckpointError} `file-missing`, and others of the checkpoint's
 */
export async function lookAtModel(model: string, asked: RecipeName | undefined): Promise<GivenModel> {
  const recipe = asked ?? (await readConfig(await modelFolderFor('discriminator', model, loadingOptions()))).modelType
  const configs = await Promise.all((await givenFolders(recipe, model)).map(readConfig))
  return { recipe, size: sizeLike(configs.at(-1)!), configs: configs.map(toHuggingFaceConfig) }
}

/** The folder of each of a recipe's models, in their order. */
export async function givenFolders(recipe: RecipeName, model: string): Promise<readonly Folder[]> {
  const folder = await openCheckpoint(model, loadingOptions())
  if (recipe !== 'electra') return [folder]
  if ((await folder.open('config.json')) !== undefined) {
    const message = `${model} is one model, and ELECTRA is trained with two`
    const help = 'give a folder in which generator/ and discriminator/ are the checkpoints'
    throw new BertkinError('option-invalid', `${message}: ${help}`)
  }
  return Promise.all((['generator', 'discriminator'] as const).map((part) => modelFolderFor(part, folder)))
}
