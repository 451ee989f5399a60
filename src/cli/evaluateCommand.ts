// bertkin evaluate: how good a model is, by labelled examples.

import type { Command } from 'commander'
import { BertkinError } from '../errors.js'
import { type CheckpointEvaluationOptions, evaluateCheckpoint, type FinetuningTaskName } from '../finetune/index.js'
import { readConfig } from '../model/index.js'
import { problemOf } from '../objective/index.js'
import { modelFolderFor } from '../pipeline/index.js'
import { loadingOptions } from './downloads.js'
import {
  addDataOptions,
  type DataOptions,
  evaluationJson,
  LABELLED_DATA,
  readExamples,
  showEvaluation,
  taskArgument,
} from './labelledData.js'
import { MODEL, numberFrom, wholeNumber } from './options.js'

interface EvaluateValues extends Omit<DataOptions, 'problemType'> {
  readonly model: string
  readonly data: readonly string[]
  readonly maxLength?: number
  readonly docStride?: number
  readonly nullThreshold?: number
  readonly threads?: number
  readonly json?: boolean
}

const EXAMPLES = `
Examples:
  bertkin evaluate text-classification --model runs/polarity --data dev.jsonl
  bertkin evaluate question-answering --model runs/qa --data dev.json --json`

export function addEvaluateCommand(program: Command): void {
  const command = program
    .command('evaluate')
    .summary('measure a model by labelled data')
    .description('Measures how good a model is at a task, with the answers that its pipeline gives.')
    .addArgument(taskArgument())
    .requiredOption('--model <model>', MODEL)
    .requiredOption('--data <files...>', LABELLED_DATA)
  addDataOptions(command)
    .option('--max-length <n>', 'cut texts, or read them in windows, of so many tokens', wholeNumber(8))
    .option('--doc-stride <n>', 'question-answering: tokens that windows share', wholeNumber(0))
    .option('--null-threshold <x>', 'question-answering: no answer where it scores so much more', numberFrom(-1, 1))
    .option('--threads <n>', 'default: one per core', wholeNumber())
    .option('--json', 'for machines: one line')
    .addHelpText('after', EXAMPLES)
    .action(async (task: FinetuningTaskName, values: EvaluateValues) => {
      const { model, data, json, labelNames, maxLength, docStride, nullThreshold: noAnswerThreshold, threads } = values
      if (task !== 'question-answering' && (docStride !== undefined || noAnswerThreshold !== undefined)) {
        throw new BertkinError('option-invalid', '--doc-stride and --null-threshold are for question-answering')
      }
      const loading = loadingOptions()
      const folder = await modelFolderFor('discriminator', model, loading)
      // What labels are, the model knows.
      const problemType = task === 'text-classification' ? problemOf(await readConfig(folder)) : undefined
      const { examples } = await readExamples(task, data, { ...values, ...(problemType && { problemType }) })
      const options: CheckpointEvaluationOptions = {
        ...loading,
        ...(labelNames && { labelNames }),
        ...(maxLength !== undefined && { maxLength }),
        ...(docStride !== undefined && { docStride }),
        ...(noAnswerThreshold !== undefined && { noAnswerThreshold }),
        ...(threads !== undefined && { threads }),
      }
      const evaluation = await evaluateCheckpoint(task, folder, examples, options)
      process.stdout.write(json ? `${evaluationJson(evaluation)}\n` : `${showEvaluation(evaluation)}\n`)
    })
}
