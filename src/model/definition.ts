// From a configuration and a head to a graph: which kin, which class of transformers, which parameters.

import type { EncoderConfig, ModelType } from '../checkpoint/index.js'
import { BertkinError } from '../errors.js'
import { albert } from './albert.js'
import { bert } from './bert.js'
import { electra } from './electra.js'
import type { Encoded } from './encoder.js'
import { HEADS, type Head, type HeadContext, type HeadOutputs, type Kin } from './heads.js'
import type { Mode } from './layers.js'
import { ParameterScope } from './parameters.js'
import { roberta } from './roberta.js'
import { type TokenInputs, tokenInputs } from './tokens.js'

/**
 * Every kin by the `model_type` of its configurations.
 *
 * @example
 * Object.keys(kins.electra.heads) // 'base', 'masked-lm', 'pretraining', …
 */
export const kins: Readonly<Record<ModelType, Kin>> = { bert, albert, roberta, electra }

/** A model as expressions: what goes in, what comes out, and, in the scope, the parameters it declared. */
export interface ModelDefinition extends HeadContext {
  readonly kin: Kin
  readonly head: Head
  readonly encoded: Encoded
  /** The head's outputs under transformers' names. */
  readonly outputs: HeadOutputs
}

export interface DefinitionOptions {
  /** Where the parameters are declared; a fresh root unless given. */
  readonly scope?: ParameterScope
  readonly mode?: Mode
  readonly untied?: ReadonlySet<string>
  /** How batches come in; `tokenInputs()` unless given. */
  readonly tokens?: TokenInputs
}

/**
 * Builds a model's expressions.
 *
 * @throws {BertkinError} `head-mismatch` if this kin has no such head
 *
 * @example
 * const config = createConfig({ modelType: 'electra', numLabels: 3 })
 * const { outputs, scope } = defineModel(config, 'sequence-classification')
 * scope.declarations().length // how many parameters it has
 */
export function defineModel(config: EncoderConfig, head: Head, options: DefinitionOptions = {}): ModelDefinition {
  const kin = kins[config.modelType]
  const { scope = new ParameterScope(), mode = {}, untied, tokens = tokenInputs() } = options
  const context: HeadContext = { tokens, scope, config, mode, ...(untied && { untied }) }
  const encoded = kin.encode(context)
  const outputs = headOf(config, head).apply(encoded, context)
  return { ...context, kin, head, encoded, outputs }
}

function headOf({ modelType }: EncoderConfig, head: Head): NonNullable<Kin['heads'][Head]> {
  const { heads } = kins[modelType]
  const found = heads[head]
  if (found) return found
  throw new BertkinError('head-mismatch', `${modelType} has no head "${head}"; it has ${Object.keys(heads).join(', ')}`)
}

/**
 * The name that transformers has for a model: what `architectures` in config.json holds.
 *
 * @throws {BertkinError} `head-mismatch` if this kin has no such head
 *
 * @example
 * className(createConfig({ modelType: 'electra' }), 'pretraining') // 'ElectraForPreTraining'
 */
export const className = (config: EncoderConfig, head: Head): string => headOf(config, head).className

/**
 * The head that a configuration's `architectures` names; 'base' if it names none.
 *
 * @throws {BertkinError} `config-unsupported` for a class that this kin does not have
 *
 * @example
 * const config = parseConfig('{ "model_type": "electra", "architectures": ["ElectraForMaskedLM"] }')
 * headFromConfig(config) // 'masked-lm'
 */
export function headFromConfig(config: EncoderConfig): Head {
  const [architecture] = config.architectures
  if (architecture === undefined) return 'base'
  const { heads } = kins[config.modelType]
  const head = HEADS.find((name) => heads[name]?.className === architecture)
  if (head) return head
  const known = Object.values(heads).map((entry) => entry.className)
  const message = `config.json names ${architecture}, which is not one of ${known.join(', ')}: name the head to load`
  throw new BertkinError('config-unsupported', message)
}
