// From a checkpoint to a model that answers.

import {
  CheckpointError,
  type EncoderConfig,
  type Folder,
  type LocationOptions,
  openCheckpoint,
  openWeights,
  parseConfig,
  type ResolvedParameters,
  resolveParameters,
  type Weights,
} from '../checkpoint/index.js'
import { BertkinError } from '../errors.js'
import { Runtime, type RuntimeOptions } from '../runtime/index.js'
import { type DefinitionOptions, defineModel, headFromConfig, kins, type ModelDefinition } from './definition.js'
import type { Head } from './heads.js'
import { Model, type StoringOptions } from './model.js'

export interface LoadOptions extends RuntimeOptions, LocationOptions, StoringOptions {
  /** What the model is used for; default: what config.json's `architectures` says. */
  readonly head?: Head
  /** A device that is open already; the model does not close it. Default: one of its own. */
  readonly runtime?: Runtime
}

/**
 * Loads a checkpoint folder: `config.json` and `model.safetensors`, mapped into memory where there are files.
 *
 * @param location a local folder (Node), a URL, the id of a model on the Hugging Face hub, or an open folder
 * @throws {CheckpointError} if files are missing, malformed, or contradict each other
 * @throws {BertkinError} `option-invalid` for weights of another kind; `head-mismatch` if this kin has no such head
 *
 * @example
 * using model = await loadModel('checkpoints/electra-small', { head: 'pretraining' })
 * const { logits } = await model.run([{ ids: [101, 7592, 102] }])
 */
export async function loadModel(location: string | Folder, options: LoadOptions = {}): Promise<Model> {
  const { weights: form = 'float32' } = options
  if (form !== 'float32' && form !== 'int8') {
    throw new BertkinError('option-invalid', `weights can be float32 or int8, not ${String(form)}`)
  }
  const folder = typeof location === 'string' ? await openCheckpoint(location, options) : location
  const config = await readConfig(folder)
  const weights = await openWeights(folder)
  const { definition, resolved } = await resolveModel(config, options.head ?? headFromConfig(config), weights)
  const ownRuntime = options.runtime ? undefined : await Runtime.open(options)
  return new Model(definition, weights, resolved, (options.runtime ?? ownRuntime)!, ownRuntime, options)
}

/**
 * Reads and checks a checkpoint's config.json.
 *
 * @throws {CheckpointError} `file-missing` if there is none, and the errors of `parseConfig`
 *
 * @example
 * const { modelType, hiddenSize } = await readConfig(await openFolder('checkpoints/electra-small'))
 */
export async function readConfig(folder: Folder): Promise<EncoderConfig> {
  const text = await folder.readText('config.json')
  if (text !== undefined) return parseConfig(text, `${folder.name}/config.json`)
  throw new CheckpointError('file-missing', `${folder.name} has no config.json: is it a checkpoint's folder?`)
}

/** Above the encoder but among its parameters; checkpoints of masked language models do not have it. */
export const POOLER: RegExp = /^\w+\.pooler\./

/**
 * Refuses weights that lack something of the encoder: what is above it, and the pooler, may start anew in training.
 *
 * @throws {CheckpointError} `parameter-missing`
 *
 * @example
 * const folder = await openFolder('checkpoints/electra-small')
 * const config = await readConfig(folder)
 * const { resolved } = await resolveModel(config, 'token-classification', await openWeights(folder))
 * checkEncoder(folder, config, resolved)
 */
export function checkEncoder(
  folder: Pick<Folder, 'name'>,
  { modelType }: Pick<EncoderConfig, 'modelType'>,
  { missing }: Pick<ResolvedParameters, 'missing'>,
): void {
  const prefix = `${kins[modelType].basePrefix}.`
  const lacking = missing.filter((path) => path.startsWith(prefix) && !POOLER.test(path))
  if (lacking.length === 0) return
  const more = lacking.length === 1 ? '' : ` and ${lacking.length - 1} more`
  const message = `${folder.name} lacks ${lacking[0]}${more} of the encoder`
  throw new CheckpointError('parameter-missing', `${message}: do its config.json and its weights belong together?`)
}

/**
 * Matches a model with stored weights; copies that turn out not to be copies become parameters.
 *
 * @param options how batches come in
 * @throws {CheckpointError} `parameter-mismatch` if a stored shape is another than the model’s
 * @throws {BertkinError} `head-mismatch` if this kin has no such head
 *
 * @example
 * const folder = await openFolder('checkpoints/electra-small')
 * const { resolved } = await resolveModel(await readConfig(folder), 'pretraining', await openWeights(folder))
 * resolved.missing // what the checkpoint lacks
 */
export async function resolveModel(
  config: EncoderConfig,
  head: Head,
  weights: Weights,
  options: Pick<DefinitionOptions, 'tokens'> = {},
): Promise<{ definition: ModelDefinition; resolved: ResolvedParameters }> {
  const { basePrefix, tied, storedCopies } = kins[config.modelType]
  const resolve = (definition: ModelDefinition) => {
    const paths = definition.scope.declarations().map(({ path }) => path)
    const declared = new Set(paths)
    const copies = Object.entries(tied).filter(([copy, original]) => !declared.has(copy) && declared.has(original))
    const names = { basePrefix, tied: { ...Object.fromEntries(copies), ...storedCopies?.(config, paths) } }
    return resolveParameters(weights, definition.scope.declarations(), names)
  }
  const definition = defineModel(config, head, options)
  const resolved = await resolve(definition)
  const usesDecoder = head === 'masked-lm' || head === 'pretraining' || head === 'span-boundary'
  if (resolved.untied.length === 0 || !usesDecoder) return { definition, resolved }
  const untied = new Set(resolved.untied.map(({ copy }) => copy))
  const redefined = defineModel(config, head, { ...options, untied })
  return { definition: redefined, resolved: { ...(await resolve(redefined)), untied: resolved.untied } }
}
