// bertkin text-classification: the labels of texts, or of pairs of texts.

import { type Command, InvalidArgumentError, Option } from 'commander'
import { BertkinError } from '../errors.js'
import { pipeline, type ScoreFunction, type TextClassificationInput } from '../pipeline/index.js'
import { wholeNumber } from './options.js'
import { showLabels } from './showAnswers.js'
import { answered, loading, print, type TaskOptions, taskCommand } from './taskCommands.js'
import { objectFromLine, textInput } from './textInput.js'

interface LabelOptions extends TaskOptions {
  readonly topK: number | 'all'
  readonly functionToApply?: ScoreFunction
  readonly pair?: string
  readonly jsonl?: boolean
}

const EXAMPLES = `
Example:
  bertkin text-classification checkpoints/sentiment "I loved every minute of it."

Pairs of texts:
  bertkin text-classification checkpoints/entailment "It rains." --pair "The street is wet."
Pairs from a file with lines like {"text": "It rains.", "text_pair": "The street is wet."}:
  bertkin text-classification checkpoints/entailment --file pairs.jsonl --jsonl`

export function addTextClassificationCommand(program: Command): void {
  taskCommand(program, 'text-classification', 'say which label fits a text')
    .alias('sentiment-analysis')
    .description('Ranks the labels of texts, or of pairs of texts, by how well they fit.')
    .option('--top-k <n>', 'labels for each text, or "all"', labelCount, 5)
    .addOption(
      new Option(
        '--function-to-apply <name>',
        'from logits to scores; default: what the model was trained for',
      ).choices(['sigmoid', 'softmax', 'none']),
    )
    .option('--pair <text>', 'a second text, judged together with each of the texts')
    .option('--jsonl', 'lines are JSON: {"text": "…"}, with "text_pair" for a second text')
    .addHelpText('after', EXAMPLES)
    .action(async (model: string, texts: string[], options: LabelOptions) => {
      if (options.jsonl && (options.pair !== undefined || texts.length > 0)) {
        throw new BertkinError(
          'option-invalid',
          'with --jsonl, texts and their pairs come from lines, not from arguments',
        )
      }
      using classify = await pipeline('text-classification', model, loading(options))
      const { truncation = false, topK, functionToApply: name } = options
      const chosen = { truncation, top_k: topK === 'all' ? null : topK, ...(name && { function_to_apply: name }) }
      for await (const [input, answer] of answered(inputs(texts, options), (input) => classify(input, chosen))) {
        print(options.json ?? false, answer, () => showLabels(input, answer))
      }
    })
}

function labelCount(text: string): number | 'all' {
  if (text === 'all') return text
  try {
    return wholeNumber()(text)
  } catch {
    throw new InvalidArgumentError('It must be a whole number of at least 1, or "all".')
  }
}

async function* inputs(texts: readonly string[], options: LabelOptions): AsyncGenerator<TextClassificationInput> {
  const { file, pair, jsonl } = options
  for await (const text of textInput(texts, file)) {
    // The pipeline checks the fields themselves.
    if (jsonl) yield objectFromLine(text, '{"text": "…", "text_pair": "…"}') as unknown as TextClassificationInput
    else yield pair === undefined ? text : { text, text_pair: pair }
  }
}
