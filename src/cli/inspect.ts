// bertkin inspect: what a checkpoint is, and where its parameters are.

import type { Command } from 'commander'
import pc from 'picocolors'
import { CheckpointError, type EncoderConfig, type Folder, openCheckpoint, openWeights } from '../checkpoint/index.js'
import {
  className,
  defineModel,
  type Head,
  headFromConfig,
  kins,
  type PaperCounts,
  paperCounts,
  parameterCount,
  readConfig,
  resolveModel,
} from '../model/index.js'
import { modelFolderFor } from '../pipeline/index.js'
import { groupParameters, type ParameterGroup } from '../report/index.js'
import { loadingOptions } from './downloads.js'
import { MODEL } from './options.js'
import { integer, table } from './terminal.js'

export function addInspectCommand(program: Command): void {
  program
    .command('inspect')
    .summary('show a checkpoint’s configuration and parameters')
    .description('Shows the configuration of a checkpoint and a table of its parameters by group.')
    .argument('<model>', `${MODEL}; config.json is enough`)
    .option('--json', 'for machines: one object a model')
    .addHelpText('after', '\nExample:\n  bertkin inspect runs/mine/discriminator')
    .action(async (location: string, { json }: { json?: boolean }) => {
      for (const folder of await modelFolders(location)) {
        const report = await inspect(folder)
        process.stdout.write(json ? `${JSON.stringify(report)}\n` : `${describe(report)}\n`)
      }
    })
}

interface Report {
  readonly model: string
  readonly architecture: string
  readonly config: Readonly<Record<string, unknown>>
  readonly groups: readonly ParameterGroup[]
  readonly parameters: number
  /** Of the same encoder under transformers' other classes for pretraining. */
  readonly classes: Readonly<Record<string, number>>
  readonly encoder: PaperCounts
  /** Compared with the weights; undefined if there are none. */
  readonly weights: { readonly missing: readonly string[]; readonly unexpected: readonly string[] } | undefined
}

/** The folder itself, or, of a pretraining run, both of its models'. */
async function modelFolders(location: string): Promise<Folder[]> {
  const folder = await openCheckpoint(location, { ...loadingOptions(), peek: true })
  const isRun = (await folder.open('config.json')) === undefined && (await folder.open('generator/config.json'))
  if (!isRun) return [folder]
  return Promise.all((['generator', 'discriminator'] as const).map((part) => modelFolderFor(part, folder)))
}

async function inspect(folder: Folder): Promise<Report> {
  const config = await readConfig(folder)
  const head = headFromConfig(config)
  const declarations = defineModel(config, head).scope.declarations()
  const groups = groupParameters(declarations)
  const weights = await openWeights(folder).catch((error: unknown) => {
    if (error instanceof CheckpointError && error.code === 'file-missing') return undefined
    throw error
  })
  const resolved = weights && (await resolveModel(config, head, weights)).resolved
  return {
    model: folder.name,
    architecture: className(config, head),
    config: shownFields(config),
    groups,
    parameters: groups.reduce((sum, { parameters }) => sum + parameters, 0),
    classes: classCounts(config),
    encoder: paperCounts(config),
    weights: resolved && { missing: resolved.missing, unexpected: resolved.unexpected },
  }
}

const SHOWN_HEADS: readonly Head[] = ['base', 'masked-lm', 'pretraining']

const classCounts = (config: EncoderConfig): Record<string, number> =>
  Object.fromEntries(
    SHOWN_HEADS.filter((head) => kins[config.modelType].heads[head]).map((head) => [
      className(config, head),
      parameterCount(config, head),
    ]),
  )

/** The fields that say what kind of model it is. */
function shownFields(config: EncoderConfig): Record<string, unknown> {
  const { modelType, vocabSize, hiddenSize, embeddingSize, numHiddenLayers, numAttentionHeads } = config
  const { intermediateSize, hiddenAct, maxPositionEmbeddings, typeVocabSize, layerNormEps, numLabels } = config
  return {
    model_type: modelType,
    vocab_size: vocabSize,
    hidden_size: hiddenSize,
    embedding_size: embeddingSize,
    num_hidden_layers: numHiddenLayers,
    ...(modelType === 'albert' && {
      num_hidden_groups: config.numHiddenGroups,
      inner_group_num: config.innerGroupNum,
      ...(config.sharedAcrossGroups && { shared_across_groups: config.sharedAcrossGroups }),
    }),
    num_attention_heads: numAttentionHeads,
    intermediate_size: intermediateSize,
    hidden_act: hiddenAct,
    max_position_embeddings: maxPositionEmbeddings,
    type_vocab_size: typeVocabSize,
    layer_norm_eps: layerNormEps,
    num_labels: numLabels,
  }
}

/** What the model would be as other classes, and without its savings. */
function sizes(classes: Report['classes'], encoder: PaperCounts): string[][] {
  const { model, withoutSharing, withoutFactorization, withoutEither } = encoder
  const rows = Object.entries(classes)
  const [base] = Object.values(classes)
  if (base !== model) rows.push(['without its idle embedding projection, as in the paper', model])
  if (withoutSharing) rows.push(['with parameters of its own in every layer', withoutSharing])
  if (withoutFactorization) rows.push(['with embeddings as wide as the layers', withoutFactorization])
  if (withoutEither) rows.push(['with both', withoutEither])
  return rows.map(([name, count]) => [name, integer(count)])
}

function describe({ model, architecture, config, groups, parameters, classes, encoder, weights }: Report): string {
  const fields = Object.entries(config).map(([name, value]) => [name, String(value)])
  const rows = groups.map((group) => [
    group.name,
    String(group.tensors),
    integer(group.parameters),
    `${((100 * group.parameters) / parameters).toFixed(1)} %`,
  ])
  const tensors = groups.reduce((sum, group) => sum + group.tensors, 0)
  const lines = [
    `${pc.bold(architecture)}  ${pc.dim(model)}`,
    '',
    ...fields.map(([name, value]) => `${pc.dim(name!.padEnd(24))}${value}`),
    '',
    table(
      ['parameters', 'tensors', 'numbers', 'share'],
      [...rows, [pc.bold('total'), String(tensors), pc.bold(integer(parameters)), '']],
      [1, 2, 3],
    ),
  ]
  lines.push('', table(['the same encoder', 'numbers'], sizes(classes, encoder), [1]))
  if (!weights) lines.push('', pc.yellow('There are no weights in this folder: the counts are the configuration’s.'))
  for (const [kind, names] of Object.entries(weights ?? {})) {
    if (names.length > 0) lines.push('', `${pc.yellow(kind)} in the weights: ${names.join(', ')}`)
  }
  return `${lines.join('\n')}\n`
}
