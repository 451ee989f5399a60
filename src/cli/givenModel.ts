// The model that `pretrain --model` trains further: a checkpoint's folder, or an ELECTRA run's with both of its models.

import { CheckpointError, type Folder, openCheckpoint } from '../checkpoint/index.js'
import { BertkinError } from '../errors.js'
import { readConfig } from '../model/index.js'
import { modelFolderFor } from '../pipeline/index.js'
import { modelFolders, type RecipeName, recipeOfModel, type SizeName, sizeLike } from '../recipe/index.js'
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
  const last = await modelFolderFor('discriminator', model, loadingOptions())
  const config = await readConfig(last)
  const recipe = asked ?? recipeOfModel(config)
  const configs = (await givenFolders(recipe, model)).map(configText)
  return { recipe, size: sizeLike(config), configs: await Promise.all(configs) }
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
  const parts = modelFolders.electra as readonly ['generator', 'discriminator']
  return Promise.all(parts.map((part) => modelFolderFor(part, folder)))
}

async function configText(folder: Folder): Promise<string> {
  const text = await folder.readText('config.json')
  if (text !== undefined) return text
  throw new CheckpointError('file-missing', `${folder.name} has no config.json: is it a checkpoint's folder?`)
}
