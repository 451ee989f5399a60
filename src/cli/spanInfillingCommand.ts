// bertkin span-infilling: what stands in the gaps of texts, token by token.

import type { Command } from 'commander'
import { pipeline, type SpanInfillingAnswer } from '../pipeline/index.js'
import { wholeNumber } from './options.js'
import { showSpans } from './showAnswers.js'
import { answered, loading, print, type TaskOptions, taskCommand } from './taskCommands.js'
import { textInput } from './textInput.js'

export function addSpanInfillingCommand(program: Command): void {
  taskCommand(program, 'span-infilling', 'fill the gaps of a text with SpanBERT')
    .description(
      'Fills gaps, which are written as one mask token for each token that is missing. Each token is predicted from its own place and from the two tokens beside the gap.',
    )
    .option('--top-k <n>', 'candidates for each token', wholeNumber(), 5)
    .addHelpText('after', '\nExample:\n  bertkin span-infilling runs/spanbert "The [MASK] [MASK] of France is Paris."')
    .action(async (model: string, texts: string[], options: TaskOptions & { topK: number }) => {
      const { file, json = false, truncation = false, topK: top_k } = options
      using fill = await pipeline('span-infilling', model, loading(options))
      const ask = (text: string): Promise<SpanInfillingAnswer> => fill(text, { top_k, truncation })
      for await (const [text, answer] of answered(textInput(texts, file), ask)) {
        print(json, answer, () => showSpans(text, answer))
      }
    })
}
