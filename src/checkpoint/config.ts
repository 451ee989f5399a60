// config.json: what kind of encoder a checkpoint holds, and its sizes. Field names in files are Hugging Face's; absent
// fields mean what they mean to transformers 5.17.

import { FieldReader } from './configFields.js'
import type { Activation, EncoderConfig, ModelType, ProblemType, SharedPart, SummaryType } from './encoderConfig.js'
import { CheckpointError } from './error.js'
import { jsonProblem } from './headerJson.js'

interface Defaults {
  readonly vocabulary: number
  readonly hidden: number
  readonly heads: number
  readonly intermediate: number
  /** Where embeddings may be narrower than layers. */
  readonly embedding?: number
  readonly activation: Activation
  readonly dropout: number
  readonly padding: number
}

const BERT_DEFAULTS: Defaults = {
  vocabulary: 30_522,
  hidden: 768,
  heads: 12,
  intermediate: 3072,
  activation: 'gelu',
  dropout: 0.1,
  padding: 0,
}

/** transformers' `BertConfig()`, `AlbertConfig()` (that is xxlarge), `RobertaConfig()`, `ElectraConfig()`. */
const DEFAULTS: Readonly<Record<ModelType, Defaults>> = {
  bert: BERT_DEFAULTS,
  albert: {
    vocabulary: 30_000,
    hidden: 4096,
    heads: 64,
    intermediate: 16_384,
    embedding: 128,
    activation: 'gelu_new',
    dropout: 0,
    padding: 0,
  },
  roberta: { ...BERT_DEFAULTS, vocabulary: 50_265, padding: 1 },
  electra: { ...BERT_DEFAULTS, hidden: 256, heads: 4, intermediate: 1024, embedding: 128 },
}

/** Of SpanBERT's paper and code; transformers knows neither, so they are written only where they differ. */
const SPAN_BOUNDARY = { maxPairTargets: 15, pairPositionSize: 200 } as const

const SHARED_PARTS: readonly SharedPart[] = ['attention', 'ffn']

const SUMMARY_TYPES: readonly SummaryType[] = ['first', 'last', 'mean', 'cls_index', 'attn']
const PROBLEM_TYPES: readonly ProblemType[] = [
  'regression',
  'single_label_classification',
  'multi_label_classification',
]

// transformers' other names for the same functions.
const ACTIVATIONS: Readonly<Record<string, Activation>> = {
  gelu: 'gelu',
  gelu_python: 'gelu',
  gelu_new: 'gelu_new',
  gelu_fast: 'gelu_new',
  gelu_accurate: 'gelu_new',
  gelu_pytorch_tanh: 'gelu_new',
  gelu_python_tanh: 'gelu_new',
  relu: 'relu',
  tanh: 'tanh',
}

/**
 * Reads a Hugging Face `config.json`.
 *
 * A file without `model_type` (Google's `bert_config.json`, SpanBERT) is taken for BERT unless its `architectures` say
 * otherwise. If `id2label` and `num_labels` disagree, `id2label` counts, as in transformers.
 *
 * @param source the file's text, or its parsed content
 * @param fileName what messages call the file
 * @throws CheckpointError `file-malformed` if it is not a JSON object; `config-invalid` if a field has an impossible
 *   value; `config-unsupported` if the model is of another kind, a decoder, or has relative positions
 * @see https://huggingface.co/docs/transformers/main_classes/configuration
 * @example
 * const config = parseConfig('{"model_type": "electra"}')
 * config.embeddingSize // 128
 */
export function parseConfig(
  source: string | Readonly<Record<string, unknown>>,
  fileName = 'config.json',
): EncoderConfig {
  const fields = typeof source === 'string' ? parseJson(source, fileName) : source
  const read = new FieldReader(fields, fileName)
  const architectures = read.strings('architectures')
  const modelType = kindOf(read, architectures, fileName)
  // With a reader of its own, so that these fields stay among the others in `extra`.
  refuseForeign(new FieldReader(fields, fileName), fileName)

  const defaults = DEFAULTS[modelType]
  const vocabSize = read.integer('vocab_size', defaults.vocabulary, 10_000_000)
  const hiddenSize = read.integer('hidden_size', defaults.hidden, 65_536)
  const numAttentionHeads = read.integer('num_attention_heads', defaults.heads, 1024)
  if (hiddenSize % numAttentionHeads !== 0) {
    throw invalid(fileName, `hidden_size ${hiddenSize} is not a multiple of num_attention_heads ${numAttentionHeads}`)
  }
  const id2label = read.labels()
  const problemType = read.optional('problem_type', PROBLEM_TYPES)
  if (problemType === 'single_label_classification' && id2label.length === 1) {
    throw invalid(fileName, 'problem_type single_label_classification needs more than one label; use regression')
  }
  const padTokenId = read.maybeInteger('pad_token_id', defaults.padding)
  const isAlbert = modelType === 'albert'

  return {
    modelType,
    architectures,
    vocabSize,
    hiddenSize,
    embeddingSize:
      defaults.embedding === undefined ? hiddenSize : read.integer('embedding_size', defaults.embedding, 65_536),
    numHiddenLayers: read.integer('num_hidden_layers', 12, 1024),
    numHiddenGroups: isAlbert ? read.integer('num_hidden_groups', 1, 1024) : 1,
    innerGroupNum: isAlbert ? read.integer('inner_group_num', 1, 1024) : 1,
    sharedAcrossGroups: isAlbert ? read.optional('shared_across_groups', SHARED_PARTS) : undefined,
    numAttentionHeads,
    intermediateSize: read.integer('intermediate_size', defaults.intermediate, 1_048_576),
    hiddenAct: activation(read.text('hidden_act', defaults.activation), fileName),
    hiddenDropoutProb: read.probability('hidden_dropout_prob', defaults.dropout),
    attentionProbsDropoutProb: read.probability('attention_probs_dropout_prob', defaults.dropout),
    classifierDropout: classifierDropout(read, modelType),
    maxPositionEmbeddings: read.integer('max_position_embeddings', 512, 1_048_576),
    typeVocabSize: read.integer('type_vocab_size', 2, 65_536),
    initializerRange: read.number('initializer_range', 0.02, 0, 1000),
    layerNormEps: read.number('layer_norm_eps', 1e-12, Number.MIN_VALUE, 1),
    // Some published files say -1; transformers, too, reads that as no padding row at all.
    padTokenId: padTokenId !== undefined && padTokenId >= 0 && padTokenId < vocabSize ? padTokenId : undefined,
    numLabels: id2label.length,
    id2label,
    label2id: read.labelIds(id2label),
    problemType,
    tieWordEmbeddings: read.boolean('tie_word_embeddings', true),
    summaryType: read.optional('summary_type', SUMMARY_TYPES) ?? 'first',
    summaryUseProj: read.boolean('summary_use_proj', true),
    summaryActivation: read.maybeText('summary_activation', 'gelu'),
    summaryLastDropout: read.probability('summary_last_dropout', 0.1),
    maxPairTargets: read.integer('max_pair_targets', SPAN_BOUNDARY.maxPairTargets, 1024),
    pairPositionSize: read.integer('pair_position_size', SPAN_BOUNDARY.pairPositionSize, 65_536),
    extra: read.unread(['num_labels']),
  }
}

/**
 * A configuration from scratch: transformers' defaults for a kind of model, with changes.
 *
 * @param fields `modelType` and whatever should differ from the defaults. Labels: give `id2label` or `numLabels`
 * @throws CheckpointError `config-invalid`, as {@link parseConfig}
 * @example
 * const config = createConfig({ modelType: 'electra', hiddenSize: 128, numAttentionHeads: 2, numHiddenLayers: 4 })
 */
export function createConfig(fields: Partial<EncoderConfig> & { readonly modelType: ModelType }): EncoderConfig {
  const json = withoutUndefined({ ...fields.extra, ...fileFields(fields) })
  // Given as undefined, these mean "none", which is not what absence means in a file.
  if ('padTokenId' in fields) json.pad_token_id = fields.padTokenId ?? null
  if ('summaryActivation' in fields) json.summary_activation = fields.summaryActivation ?? null
  const { numLabels, id2label } = fields
  if (id2label === undefined) json.num_labels = numLabels
  else if (numLabels !== undefined && numLabels !== id2label.length) {
    throw invalid('the configuration', `numLabels is ${numLabels}, but id2label names ${id2label.length} labels`)
  }
  return parseConfig(json, 'the configuration')
}

/**
 * A configuration as the text of a `config.json` that transformers reads: snake_case fields, sorted, with the unknown
 * fields of the file it came from.
 *
 * `torch_dtype`, `dtype` and `_name_or_path` of that file are left out: they describe its weights, not the ones that
 * are being saved.
 *
 * @param config what to write
 * @example
 * const config = createConfig({ modelType: 'electra', vocabSize: 8000 })
 * await writeFolderAtomically('out', { 'config.json': toHuggingFaceConfig(config) })
 */
export function toHuggingFaceConfig(config: EncoderConfig): string {
  const { torch_dtype: _1, dtype: _2, _name_or_path: _3, ...extra } = config.extra
  const fields = { ...extra, ...fileFields(config) }
  // transformers, too, spells these out where they are not set.
  if (config.modelType !== 'albert') fields.classifier_dropout ??= null
  fields.pad_token_id ??= null
  if (config.modelType === 'electra') fields.summary_activation ??= null
  if (config.architectures.length === 0) delete fields.architectures
  // transformers writes labels only if they are not its own defaults.
  if (config.numLabels === 2 && config.id2label.every((label, i) => label === `LABEL_${i}`)) {
    delete fields.id2label
    delete fields.label2id
  }
  const sorted = Object.entries(withoutUndefined(fields)).sort(([a], [b]) => (a < b ? -1 : 1))
  return `${JSON.stringify(Object.fromEntries(sorted), undefined, 2)}\n`
}

// ALBERT's has a name and a default of its own.
function classifierDropout(read: FieldReader, modelType: ModelType): number | undefined {
  if (modelType === 'albert') return read.probability('classifier_dropout_prob', 0.1)
  return read.isAbsent('classifier_dropout') ? undefined : read.probability('classifier_dropout', 0)
}

// The inverse of parseConfig, field by field.
function fileFields(config: Partial<EncoderConfig> & { readonly modelType: ModelType }): Record<string, unknown> {
  const isAlbert = config.modelType === 'albert'
  const isElectra = config.modelType === 'electra'
  return {
    model_type: config.modelType,
    architectures: config.architectures,
    vocab_size: config.vocabSize,
    hidden_size: config.hiddenSize,
    embedding_size: isAlbert || isElectra ? config.embeddingSize : undefined,
    num_hidden_layers: config.numHiddenLayers,
    num_attention_heads: config.numAttentionHeads,
    num_hidden_groups: isAlbert ? config.numHiddenGroups : undefined,
    inner_group_num: isAlbert ? config.innerGroupNum : undefined,
    shared_across_groups: config.sharedAcrossGroups,
    intermediate_size: config.intermediateSize,
    hidden_act: config.hiddenAct,
    hidden_dropout_prob: config.hiddenDropoutProb,
    attention_probs_dropout_prob: config.attentionProbsDropoutProb,
    [isAlbert ? 'classifier_dropout_prob' : 'classifier_dropout']: config.classifierDropout,
    max_position_embeddings: config.maxPositionEmbeddings,
    type_vocab_size: config.typeVocabSize,
    initializer_range: config.initializerRange,
    layer_norm_eps: config.layerNormEps,
    pad_token_id: config.padTokenId,
    id2label: config.id2label && Object.fromEntries(config.id2label.entries()),
    label2id: config.label2id && Object.fromEntries(config.label2id),
    problem_type: config.problemType,
    tie_word_embeddings: config.tieWordEmbeddings,
    summary_type: isElectra ? config.summaryType : undefined,
    summary_use_proj: isElectra ? config.summaryUseProj : undefined,
    summary_activation: isElectra ? config.summaryActivation : undefined,
    summary_last_dropout: isElectra ? config.summaryLastDropout : undefined,
    max_pair_targets: unlessUsual(config.maxPairTargets, SPAN_BOUNDARY.maxPairTargets),
    pair_position_size: unlessUsual(config.pairPositionSize, SPAN_BOUNDARY.pairPositionSize),
  }
}

const unlessUsual = (value: number | undefined, usual: number): number | undefined =>
  value === usual ? undefined : value

function withoutUndefined(fields: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined))
}

function parseJson(text: string, fileName: string): Record<string, unknown> {
  const problem = jsonProblem(text, 32)
  if (problem !== undefined) throw malformed(fileName, problem)
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>
  } catch (error) {
    throw malformed(fileName, error instanceof Error ? error.message.replaceAll(/\s+/g, ' ') : String(error), error)
  }
  throw malformed(fileName, 'it is not an object')
}

function kindOf(read: FieldReader, architectures: readonly string[], fileName: string): ModelType {
  const kinds = Object.keys(DEFAULTS) as ModelType[]
  const named = read.maybeText('model_type')
  const guessed = kinds.find((kind) => architectures[0]?.toLowerCase().startsWith(`${kind}for`))
  const kind = named ?? guessed ?? (architectures.length === 0 && !read.isAbsent('hidden_size') ? 'bert' : undefined)
  const known = kinds.find((candidate) => candidate === kind)
  if (known !== undefined) return known
  const found = kind === undefined ? 'names no model_type' : `has model_type "${kind}"`
  throw new CheckpointError('config-unsupported', `${fileName} ${found}; supported are: ${kinds.join(', ')}.`)
}

function refuseForeign(read: FieldReader, fileName: string): void {
  const positions = read.maybeText('position_embedding_type') ?? 'absolute'
  const trouble =
    positions !== 'absolute'
      ? `position_embedding_type "${positions}"; only "absolute"`
      : read.boolean('is_decoder', false)
        ? 'is_decoder true; only encoders'
        : read.boolean('add_cross_attention', false)
          ? 'add_cross_attention true; only encoders'
          : undefined
  if (trouble === undefined) return
  throw new CheckpointError('config-unsupported', `${fileName} has ${trouble} can be loaded.`)
}

function activation(name: string, fileName: string): Activation {
  const known = Object.hasOwn(ACTIVATIONS, name) ? ACTIVATIONS[name] : undefined
  if (known !== undefined) return known
  const supported = Object.keys(ACTIVATIONS).join(', ')
  throw new CheckpointError('config-unsupported', `${fileName} has hidden_act "${name}"; supported are: ${supported}.`)
}

const invalid = (fileName: string, problem: string): CheckpointError =>
  new CheckpointError('config-invalid', `${fileName}: ${problem}.`)

const malformed = (fileName: string, problem: string, cause?: unknown): CheckpointError =>
  new CheckpointError('file-malformed', `${fileName} is not valid JSON: ${problem}.`, cause ? { cause } : undefined)
