// bertkin sentence-order: whether two texts stand in the order they were written in.

import type { Command } from 'commander'
import pc from 'picocolors'
import { BertkinError } from '../errors.js'
import { pipeline, type SentenceOrderAnswer, type SentenceOrderInput } from '../pipeline/index.js'
import { showBars } from './showAnswers.js'
import { answered, loading, print, type TaskOptions, taskCommand } from './taskCommands.js'
import { objectFromLine, textInput } from './textInput.js'

const EXAMPLES = `
Example:
  bertkin sentence-order checkpoints/albert "She cooked momo." "It was delicious."

Many pairs, from lines like {"text": "She cooked momo.", "text_pair": "It was delicious."}:
  bertkin sentence-order checkpoints/albert --file pairs.jsonl`

export function addSentenceOrderCommand(program: Command): void {
  taskCommand(program, 'sentence-order', 'say which of two texts comes first', {
    texts: 'two texts, in the order in question; default: lines of JSON on standard input',
  })
    .description('Judges with ALBERT whether two pieces of text stand in the order they were written in.')
    .addHelpText('after', EXAMPLES)
    .action(async (model: string, texts: string[], options: TaskOptions) => {
      const { json = false, truncation = false } = options
      if (texts.length !== 0 && texts.length !== 2) {
        throw new BertkinError('option-invalid', `sentence-order takes two texts, not ${texts.length}: quote each`)
      }
      using judge = await pipeline('sentence-order', model, loading(options))
      for await (const [pair, answer] of answered(pairs(texts, options), (pair) => judge(pair, { truncation }))) {
        print(json, answer, () => showOrder(pair, answer))
      }
    })
}

async function* pairs([text, text_pair]: readonly string[], { file }: TaskOptions): AsyncGenerator<SentenceOrderInput> {
  if (text !== undefined && text_pair !== undefined) {
    if (file !== undefined) throw new BertkinError('option-invalid', 'give texts as arguments or with --file, not both')
    yield { text, text_pair }
    return
  }
  for await (const line of textInput([], file)) {
    // The pipeline checks the fields themselves.
    yield objectFromLine(line, '{"text": "…", "text_pair": "…"}') as unknown as SentenceOrderInput
  }
}

function showOrder({ text, text_pair }: SentenceOrderInput, { label, score }: SentenceOrderAnswer): string {
  const inOrder = label === 'in_order' ? score : 1 - score
  const verdict = label === 'in_order' ? pc.green('in order') : pc.yellow('swapped')
  const bars = showBars([
    { name: 'in order', score: inOrder },
    { name: 'swapped', score: 1 - inOrder },
  ])
  return [text, text_pair, `  ${verdict}`, ...bars].join('\n')
}
