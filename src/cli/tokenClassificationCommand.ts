// bertkin token-classification: texts → labelled tokens or entities.

import { type Command, Option } from 'commander'
import pc from 'picocolors'
import {
  AGGREGATION_STRATEGIES,
  type AggregationStrategy,
  pipeline,
  type TokenClassificationAnswer,
} from '../pipeline/index.js'
import { wholeNumber } from './options.js'
import { answered, loading, print, type TaskOptions, taskCommand } from './taskCommands.js'
import { textInput } from './textInput.js'

interface TokenClassificationCommandOptions extends TaskOptions {
  readonly aggregationStrategy: AggregationStrategy
  readonly ignoreLabels: readonly string[]
  readonly stride?: number
}

export function addTokenClassificationCommand(program: Command): void {
  const strategies = new Option('--aggregation-strategy <name>', 'how labels of tokens become entities')
  taskCommand(program, 'token-classification', 'find names, places and the like')
    .description('Labels every token of a text, or joins the tokens to entities.')
    .addOption(strategies.choices(AGGREGATION_STRATEGIES).default('none'))
    .option('--ignore-labels <labels...>', 'leave these out, "" for none; write them after the texts', ['O'])
    .option('--stride <n>', 'read long texts in windows that overlap by so many tokens', wholeNumber(0))
    .option('--no-truncation', 'refuse texts that are too long for the model')
    .addHelpText(
      'after',
      '\nExample:\n  bertkin token-classification models/ner "Angela Merkel visited Paris." --aggregation-strategy simple',
    )
    .action(async (model: string, texts: string[], options: TokenClassificationCommandOptions) => {
      const { file, json = false, truncation, stride, aggregationStrategy: aggregation_strategy } = options
      using classify = await pipeline('token-classification', model, loading(options))
      const chosen = {
        aggregation_strategy,
        ignore_labels: options.ignoreLabels.filter((label) => label !== ''),
        ...(stride !== undefined && { stride }),
        ...(truncation !== undefined && { truncation }),
      }
      const labels = classify.model.config.id2label
      for await (const [text, answer] of answered(textInput(texts, file), (text) => classify(text, chosen))) {
        print(json, answer, () => showEntities(text, answer, labels))
      }
    })
}

const COLOURS = [pc.cyan, pc.magenta, pc.yellow, pc.green, pc.blue, pc.red] as const

/** A text with its entities coloured by kind, and below it each with its label and score. */
export function showEntities(text: string, answer: TokenClassificationAnswer, labels: readonly string[]): string {
  const kinds = [...new Set(labels.map(kindOf))].filter((kind) => kind !== 'O')
  const colour = (label: string) => COLOURS[Math.max(0, kinds.indexOf(kindOf(label))) % COLOURS.length]!
  const entities = answer.map((item) => ({ ...item, label: 'entity' in item ? item.entity : item.entity_group }))
  let shown = ''
  let at = 0
  for (const { label, start, end } of entities) {
    const from = Math.max(at, start) // tokens may overlap
    shown += text.slice(at, from) + (end > from ? pc.bold(colour(label)(text.slice(from, end))) : '')
    at = Math.max(from, end)
  }
  shown += text.slice(at)
  if (entities.length === 0) return [shown, pc.dim('  nothing found')].join('\n')
  const width = Math.max(...entities.map(({ label }) => label.length))
  const lines = entities.map(({ label, score, start, end }) => {
    const place = text.slice(start, end).replaceAll(/\s+/g, ' ')
    return `  ${colour(label)(label.padEnd(width))}  ${score.toFixed(4)}  ${pc.bold(place)}`
  })
  return [shown, ...lines].join('\n')
}

/** `PER` of `B-PER`, `I-PER` and `PER`: these have one colour. */
const kindOf = (label: string): string => label.slice(label.indexOf('-') + 1)
