// What an encoder's configuration says, whatever file it came from.

/** The kinds of encoder that can be loaded; SpanBERT's are `bert`. Adding one: a line in config.ts's defaults, and its own fields below. */
export type ModelType = 'bert' | 'albert' | 'roberta' | 'electra'

/** `gelu` is the exact form with erf, `gelu_new` the approximation with tanh. */
export type Activation = 'gelu' | 'gelu_new' | 'relu' | 'tanh'

/** A half of a layer, with the normalization that ends it. */
export type SharedPart = 'attention' | 'ffn'

/** Which loss a sequence classifier's labels call for; see transformers' `problem_type`. */
export type ProblemType = 'regression' | 'single_label_classification' | 'multi_label_classification'

/** How ELECTRA's multiple choice head sums up a sequence; see transformers' `SequenceSummary`. */
export type SummaryType = 'first' | 'last' | 'mean' | 'cls_index' | 'attn'

/**
 * An encoder's configuration, checked: sizes are positive integers that fit together. Made by `parseConfig` or
 * `createConfig`.
 */
export interface EncoderConfig {
  readonly modelType: ModelType
  /** Class names of transformers, e.g. `['ElectraForPreTraining']`; empty if the file names none. */
  readonly architectures: readonly string[]
  readonly vocabSize: number
  readonly hiddenSize: number
  /** Width of the embedding tables; BERT's is always `hiddenSize`. */
  readonly embeddingSize: number
  readonly numHiddenLayers: number
  /** ALBERT: how many sets of layer weights there are; its layers are dealt out to them in order. 1: all layers share. Elsewhere 1, and of no meaning. */
  readonly numHiddenGroups: number
  /** ALBERT: how many blocks every layer is made of, each with weights of its own. */
  readonly innerGroupNum: number
  /** ALBERT: what the groups have in common all the same; see {@link albertSharing}. */
  readonly sharedAcrossGroups: SharedPart | undefined
  /** Divides `hiddenSize`. */
  readonly numAttentionHeads: number
  readonly intermediateSize: number
  readonly hiddenAct: Activation
  readonly hiddenDropoutProb: number
  readonly attentionProbsDropoutProb: number
  /** `undefined` means: as `hiddenDropoutProb`. {@link headDropout} resolves it. */
  readonly classifierDropout: number | undefined
  readonly maxPositionEmbeddings: number
  readonly typeVocabSize: number
  /** Standard deviation of freshly drawn weights. */
  readonly initializerRange: number
  readonly layerNormEps: number
  /** Row of the word embeddings that gets no gradient; `undefined` if there is none, or if the file's is no row. */
  readonly padTokenId: number | undefined
  /** Length of `id2label`. */
  readonly numLabels: number
  readonly id2label: readonly string[]
  readonly label2id: ReadonlyMap<string, number>
  readonly problemType: ProblemType | undefined
  /** Whether the output projection is the word embeddings. */
  readonly tieWordEmbeddings: boolean
  readonly summaryType: SummaryType
  readonly summaryUseProj: boolean
  /** `undefined`: none. */
  readonly summaryActivation: string | undefined
  readonly summaryLastDropout: number
  /** SpanBERT's boundary head: the most tokens of a span that it predicts. */
  readonly maxPairTargets: number
  /** SpanBERT's boundary head: width of the embedding of a token's place in its span. */
  readonly pairPositionSize: number
  /** The file's other fields, written back as they came. */
  readonly extra: Readonly<Record<string, unknown>>
}

/**
 * Dropout before a classification head: `classifierDropout`, or `hiddenDropoutProb` where that is not set.
 *
 * @example
 * headDropout(createConfig({ modelType: 'bert', hiddenDropoutProb: 0.2 })) // 0.2
 */
export function headDropout(config: EncoderConfig): number {
  return config.classifierDropout ?? config.hiddenDropoutProb
}

/**
 * ALBERT's ways of sharing parameters between layers (paper, section 4.5 and table 4), as configuration fields.
 *
 * `all` and `none` are what transformers knows as one group, and as many groups as layers. `attention` and `ffn` have a
 * group for every layer too, of which that half is the same in all: such a checkpoint is saved with the shared half in
 * every group, so that transformers reads it.
 *
 * @param mode what is shared
 * @param numHiddenLayers how many layers the model has
 * @example
 * const config = createConfig({ modelType: 'albert', ...albertSharing('attention', 12) })
 * config.numHiddenGroups // 12
 */
export function albertSharing(
  mode: 'all' | 'attention' | 'ffn' | 'none',
  numHiddenLayers: number,
): Pick<EncoderConfig, 'numHiddenLayers' | 'numHiddenGroups' | 'sharedAcrossGroups'> {
  if (mode === 'all') return { numHiddenLayers, numHiddenGroups: 1, sharedAcrossGroups: undefined }
  const sharedAcrossGroups = mode === 'none' ? undefined : mode
  return { numHiddenLayers, numHiddenGroups: numHiddenLayers, sharedAcrossGroups }
}
