// Texts, and pairs of texts, with one label, several labels, or a number.

import { counted } from '../counted.js'
import { assertLabelsKnown, collectLabels, type Dataset, DatasetError, type TextExample } from '../data/index.js'
import { BertkinError } from '../errors.js'
import {
  classificationScores,
  matthewsCorrelation,
  meanSquaredError,
  multiLabelScores,
  pearsonCorrelation,
  spearmanCorrelation,
} from '../metric/index.js'
import { type LabelledSequence, problemOf, sequenceClassification } from '../objective/index.js'
import { classifyTexts, type TextClassificationInput } from '../pipeline/index.js'
import { labelIds, type PlacedLabel } from './labels.js'
import {
  type EvaluationContext,
  type FeatureContext,
  type FinetuningTask,
  type LabelFields,
  type LabelOptions,
  limitedTo,
  type TaskEvaluation,
  tell,
} from './task.js'

export const textClassification: FinetuningTask<TextExample, LabelledSequence> = {
  head: 'sequence-classification',
  maxLength: 128,
  labelsOf,
  checkKnown: (examples, { id2label, problemType }) => {
    if (problemType !== 'regression') assertLabelsKnown(examples, id2label)
  },
  features: textFeatures,
  objective: sequenceClassification,
  evaluate,
}

function labelsOf(
  train: Dataset<TextExample>,
  { problemType = 'single_label_classification' }: LabelOptions,
): LabelFields {
  if (problemType !== 'regression') return { id2label: collectLabels(train, { order: 'name' }), problemType }
  const stranger = train.examples.find(({ label }) => typeof label !== 'number')
  if (!stranger) return { id2label: ['LABEL_0'], problemType }
  const message = `regression needs numbers, but a label is ${JSON.stringify(stranger.label)}.`
  throw new DatasetError('data-malformed', message, stranger.place)
}

/**
 * Texts as the model reads them, cut as the pipeline cuts them: of two texts the longer one gives way first.
 *
 * @throws {DatasetError} `label-unknown` for a label that the model does not have
 *
 * @example
 * const tokenizer = await loadTokenizer('models/electra')
 * const config = createConfig({ modelType: 'electra', id2label: ['bad', 'good'] })
 * textFeatures([{ text: 'I loved it.', label: 'good' }], { tokenizer, config, maxLength: 128 })[0]?.label // 1
 */
export function textFeatures(examples: readonly TextExample[], context: FeatureContext): LabelledSequence[] {
  const { tokenizer, config, maxLength } = context
  const ids = problemOf(config) === 'regression' ? new Map<string, number>() : labelIds(labelsIn(examples), config)
  let cut = 0
  const features = examples.map((example) => {
    const pair = pairOf(example)
    const encoding = tokenizer.encode(example.text, { ...(pair !== undefined && { pair }), truncation: { maxLength } })
    // A sequence that was cut is full, and has windows behind it.
    if (encoding.length === maxLength && encoding.overflowing.length > 0) cut++
    return { ids: encoding.ids, typeIds: encoding.typeIds, label: labelOf(example, ids) }
  })
  if (cut > 0) {
    tell(context, `${cut} of ${counted(examples.length, 'text')} had more than ${maxLength} tokens and were cut`)
  }
  return features
}

function labelOf({ label }: TextExample, ids: ReadonlyMap<string, number>): number | readonly number[] {
  if (typeof label === 'number') return label
  return typeof label === 'string' ? ids.get(label)! : label.map((one) => ids.get(one)!)
}

/** To the pipeline, too, an empty second text is none. */
const pairOf = ({ textPair }: TextExample): string | undefined => textPair || undefined

function* labelsIn(examples: readonly TextExample[]): Generator<PlacedLabel> {
  for (const { label, place } of examples) {
    if (typeof label === 'number') throw new DatasetError('data-malformed', 'a label is a number, not a name.', place)
    for (const one of typeof label === 'string' ? [label] : label) yield { label: one, place }
  }
}

/** Logits of each text by label, as the pipeline gives them: [texts][labels]. */
async function logitsOf(examples: readonly TextExample[], context: EvaluationContext): Promise<number[][]> {
  const { model, tokenizer, maxLength, batchTokens } = context
  const inputs: TextClassificationInput[] = examples.map((example) => {
    const pair = pairOf(example)
    return pair === undefined ? example.text : { text: example.text, text_pair: pair }
  })
  let cut = 0
  const onWarning = () => void cut++
  const limits = { onWarning, ...(batchTokens !== undefined && { batchTokens }) }
  const order = new Map(model.config.id2label.map((name, id) => [name, id]))
  const options = { top_k: null, function_to_apply: 'none', truncation: true } as const
  const logits: number[][] = []
  for await (const answer of classifyTexts(
    { model, tokenizer: limitedTo(tokenizer, maxLength), ...limits },
    inputs,
    options,
  )) {
    const row = new Array<number>(order.size).fill(Number.NEGATIVE_INFINITY)
    for (const { label, score } of answer) row[order.get(label)!] = score
    logits.push(row)
  }
  if (cut > 0) tell(context, `${cut} of ${counted(examples.length, 'text')} were too long and were cut`)
  return logits
}

async function evaluate(examples: readonly TextExample[], context: EvaluationContext): Promise<TaskEvaluation> {
  const { config } = context.model
  const { labelNames = config.id2label } = context
  const problem = problemOf(config)
  const ids = problem === 'regression' ? undefined : labelIds(labelsIn(examples), config, labelNames)
  const logits = await logitsOf(examples, context)
  if (!ids) return regressionScores(examples, logits)
  const names = (row: readonly number[]): string[] => row.map((id) => labelNames[id]!)
  if (problem === 'multi_label_classification') {
    const predicted = logits.map((row) => names([...row.keys()].filter((id) => row[id]! > 0)))
    const expected = examples.map(({ label }) => names([label].flat().map((one) => ids.get(String(one))!)))
    const { micro, macro, accuracy, labels } = multiLabelScores(predicted, expected)
    return {
      metrics: { micro_f1: micro.f1, macro_f1: macro.f1, precision: micro.precision, recall: micro.recall, accuracy },
      main: 'micro_f1',
      examples: examples.length,
      labels,
    }
  }
  const predicted = names(logits.map((row) => row.indexOf(Math.max(...row))))
  const expected = names(examples.map(({ label }) => ids.get(String(label))!))
  const { accuracy, macro, labels } = classificationScores(predicted, expected)
  const matthews = matthewsCorrelation(predicted, expected)
  return {
    metrics: { accuracy, macro_f1: macro.f1, matthews_correlation: matthews },
    main: 'accuracy',
    examples: examples.length,
    labels,
  }
}

function regressionScores(examples: readonly TextExample[], logits: readonly (readonly number[])[]): TaskEvaluation {
  const expected = examples.map(({ label, place }) => {
    if (typeof label === 'number') return label
    throw new DatasetError('data-malformed', `the model gives numbers, but a label is ${JSON.stringify(label)}.`, place)
  })
  const predicted = logits.map((row) => row[0]!)
  if (expected.length < 2) throw new BertkinError('data-empty', 'a correlation needs at least two examples')
  return {
    metrics: {
      pearson: pearsonCorrelation(predicted, expected),
      spearman: spearmanCorrelation(predicted, expected),
      mean_squared_error: meanSquaredError(predicted, expected),
    },
    main: 'pearson',
    examples: examples.length,
  }
}
