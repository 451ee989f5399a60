// What each kind of golden training case trains, and how its batches are fed.

import { createConfig, type EncoderConfig, type Folder, openWeights } from '../checkpoint/index.js'
import type { Tensor } from '../graph/index.js'
import { batchFor, defineModel, type Head, type ModelDefinition, readConfig } from '../model/index.js'
import {
  defineMaskedLm,
  defineReplacedTokenDetection,
  defineSentencePairs,
  defineSpanBoundary,
  type ObjectiveGraph,
  type PreparedBatch,
  questionAnsweringSum,
  sequenceClassificationSum,
  tokenClassificationSum,
} from '../objective/index.js'
import type { Feeds, TensorData } from '../runtime/index.js'
import { within } from './case.js'
import { type Numbers, readSequences } from './models.js'

/** A case's expressions, and its batches. */
export interface TrainTask {
  define(): ObjectiveGraph
  prepare(tensors: ReadonlyMap<string, Numbers>, batch: number): PreparedBatch
  /** The case's name of a parameter, where it is not the path. */
  caseName?(path: string): string
}

/** What a case of this kind trains; undefined if nothing here does. */
export async function trainTask(folder: Folder, kind: string): Promise<TrainTask | undefined> {
  const name = kind.includes('-') ? kind.slice(kind.indexOf('-') + 1) : kind
  return tasks[name]?.(folder)
}

type TaskBuilder = (folder: Folder) => Promise<TrainTask>

const labelsOf: ModelTask['feeds'] = (tensors, k) => intFeeds({ labels: tensors.get(`${k}.labels`)! })

const tasks: Readonly<Record<string, TaskBuilder>> = {
  mlm: (folder) =>
    modelTask(folder, {
      define: (config) => defineMaskedLm(config, {}),
      feeds: (tensors, k) => predictionsAt(tensors.get(`${k}.labels`)!),
      counts: { mlm: 'labels' },
    }),
  classification: (folder) => modelTask(folder, { ...sequenceLoss, feeds: labelsOf }),
  regression: (folder) =>
    modelTask(folder, {
      ...sequenceLoss,
      feeds: (tensors, k) => {
        const labels = Float32Array.from(tensors.get(`${k}.labels`)!.data)
        return { labels: { data: labels, dims: [labels.length] } }
      },
    }),
  tokens: (folder) =>
    modelTask(folder, {
      define: alone('token-classification', ({ outputs }) => tokenClassificationSum(outputs)),
      feeds: labelsOf,
      counts: { loss: 'labels' },
    }),
  qa: (folder) =>
    modelTask(folder, {
      define: alone('question-answering', ({ outputs, tokens }) => questionAnsweringSum(outputs, tokens)),
      feeds: (tensors, k) =>
        intFeeds({
          startPositions: tensors.get(`${k}.start_positions`)!,
          endPositions: tensors.get(`${k}.end_positions`)!,
        }),
      counts: { loss: 'startPositions' },
    }),
  'share-all': (folder) => albertTask(folder),
  'share-none': (folder) => albertTask(folder),
  'share-attention': (folder) => albertTask(folder, { sharedAcrossGroups: 'attention' }),
  'share-ffn': (folder) => albertTask(folder, { sharedAcrossGroups: 'ffn' }),
  spanbert: spanBoundaryTask,
  rtd: replacedTokenTask,
}

/** A model whose loss is this one sum. */
const alone =
  (head: Head, sum: (definition: ModelDefinition) => Tensor): ModelTask['define'] =>
  (config) => {
    const definition = defineModel(config, head)
    const parts = { loss: { sum: sum(definition), weight: 1 } }
    return { parts, parameters: definition.scope.declarations(), outputs: {} }
  }

const sequenceLoss: Pick<ModelTask, 'define' | 'counts'> = {
  define: alone('sequence-classification', ({ outputs, config }) => sequenceClassificationSum(outputs, config)),
  counts: { loss: 'labels' },
}

/** What is particular to a case of one model. */
interface ModelTask {
  readonly changes?: Partial<EncoderConfig>
  define(config: EncoderConfig): ObjectiveGraph
  /** What is fed beside the tokens. */
  feeds(tensors: ReadonlyMap<string, Numbers>, batch: number): Feeds
  /** For each part, the feed that has an entry for each of its predictions. */
  readonly counts: Readonly<Record<string, string>>
  readonly caseName?: TrainTask['caseName']
}

/** Padding is computed too: transformers' losses of some heads run over it. */
async function modelTask(folder: Folder, task: ModelTask): Promise<TrainTask> {
  const config = createConfig({ ...(await readConfig(folder)), ...task.changes })
  return {
    ...(task.caseName && { caseName: task.caseName }),
    define: () => task.define(config),
    prepare(tensors, k) {
      const sequences = readSequences(tensors, lengthOf(tensors), `${k}.`)
      const { feeds, tokenCount } = batchFor(config, sequences, { keepPadding: true })
      const extra = task.feeds(tensors, k)
      const counts = Object.entries(task.counts).map(([part, feed]) => {
        return [part, Array.from(extra[feed]!.data, Number).filter((label) => label !== -100).length] as const
      })
      return { feeds: { ...feeds, ...extra }, counts: Object.fromEntries(counts), tokenCount }
    },
  }
}

/** Masked language modelling and sentence order, with what layers share. */
const albertTask = (folder: Folder, changes: Partial<EncoderConfig> = {}): Promise<TrainTask> =>
  modelTask(folder, {
    changes,
    define: (config) => defineSentencePairs(config, {}, 'sop'),
    feeds: (tensors, k) => ({
      ...predictionsAt(tensors.get(`${k}.labels`)!),
      ...intFeeds({ pairLabels: tensors.get(`${k}.sentence_order_label`)! }),
    }),
    counts: { mlm: 'labels', sop: 'pairLabels' },
  })

/** The case's names of the boundary head's parameters, whose names here are the official code's. */
const SPAN_NAMES: Readonly<Record<string, string>> = {
  bias: 'sbo_bias',
  'position_embeddings.weight': 'sbo.position_embeddings.weight',
  'mlp_layer_norm.linear1': 'sbo.dense1',
  'mlp_layer_norm.layer_norm1': 'sbo.LayerNorm1',
  'mlp_layer_norm.linear2': 'sbo.dense2',
  'mlp_layer_norm.layer_norm2': 'sbo.LayerNorm2',
}

async function spanBoundaryTask(folder: Folder): Promise<TrainTask> {
  const weights = await openWeights(folder)
  const [maxPairTargets, pairPositionSize] = weights.info('sbo.position_embeddings.weight').shape
  return modelTask(folder, {
    changes: { maxPairTargets: maxPairTargets!, pairPositionSize: pairPositionSize! },
    define: (config) => defineSpanBoundary(config, {}),
    feeds(tensors, k) {
      const { data, dims } = tensors.get(`${k}.sbo`)! // [targets, 5]: sequence, left, right, place, token
      const column = (i: number) => Array.from({ length: dims[0]! }, (_, row) => data[row * 5 + i]!)
      const rows = (side: 1 | 2) => column(side).map((s, row) => data[row * 5]! * lengthOf(tensors) + s)
      const feed = (values: number[]) => ({ data: values, dims: [values.length] })
      return {
        ...predictionsAt(tensors.get(`${k}.labels`)!),
        ...intFeeds({
          leftRows: feed(rows(1)),
          rightRows: feed(rows(2)),
          places: feed(column(3)),
          spanLabels: feed(column(4)),
        }),
      }
    },
    counts: { mlm: 'labels', sbo: 'spanLabels' },
    caseName(path) {
      const name = path.replace(/^cls\.pair_target_predictions\./, '')
      if (name === path) return path
      const known = Object.keys(SPAN_NAMES).find((part) => name === part || name.startsWith(`${part}.`))!
      return SPAN_NAMES[known]! + name.slice(known.length)
    },
  })
}

async function replacedTokenTask(folder: Folder): Promise<TrainTask> {
  const read = async (model: string) => readConfig(within(folder, model))
  const configs = { generator: await read('generator'), discriminator: await read('discriminator') }
  return {
    define: () => defineReplacedTokenDetection(configs, {}, {}, 'given'),
    prepare(tensors, k) {
      const sequences = readSequences(tensors, lengthOf(tensors), `${k}.`)
      const batch = batchFor(configs.discriminator, sequences)
      const length = lengthOf(tensors)
      const rowsOf = (name: string): TensorData<Int32Array> => {
        const { data } = tensors.get(`${k}.${name}`)!
        const real = Int32Array.from({ length: batch.tokenCount }, (_, row) => {
          return data[batch.cells[row * 2]! * length + batch.cells[row * 2 + 1]!]!
        })
        return { data: real, dims: [real.length] }
      }
      const labels = rowsOf('labels')
      const predictions = predictionsAt(labels)
      // The original ids are not given, but where they differ from the corrupted ones they are the labels.
      const originalIds = {
        ...labels,
        data: rowsOf('corrupted_ids').data.map((id, row) => (labels.data[row] === -100 ? id : labels.data[row]!)),
      }
      const feeds = { ...batch.feeds, ...predictions, originalIds, corruptedIds: rowsOf('corrupted_ids') }
      return {
        feeds,
        counts: { mlm: predictions.labels!.data.length, rtd: batch.tokenCount },
        tokenCount: batch.tokenCount,
      }
    },
  }
}

const lengthOf = (tensors: ReadonlyMap<string, Numbers>): number => tensors.get('0.input_ids')!.dims.at(-1)!

/** Rows whose label counts, and these labels. */
function predictionsAt({ data }: Numbers): Record<string, TensorData<Int32Array>> {
  const rows = Array.from(data, (_, row) => row).filter((row) => data[row] !== -100)
  const column = (values: number[]): TensorData<Int32Array> => ({
    data: Int32Array.from(values),
    dims: [values.length],
  })
  return { predictedRows: column(rows), labels: column(rows.map((row) => data[row]!)) }
}

const intFeeds = (numbers: Readonly<Record<string, Numbers>>): Record<string, TensorData<Int32Array>> =>
  Object.fromEntries(
    Object.entries(numbers).map(([name, { data }]) => [name, { data: Int32Array.from(data), dims: [data.length] }]),
  )
