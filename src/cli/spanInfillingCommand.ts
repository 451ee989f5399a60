// bertkin span-infilling: what stands in the gaps of texts, token by token.

import type { Command } from 'commander'
import pc from 'picocolors'
import { type InfillCandidate, pipeline, type SpanInfillingAnswer } from '../pipeline/index.js'
import { wholeNumber } from './options.js'
import { answered, loading, print, type TaskOptions, taskCommand } from './taskCommands.js'
import { table } from './terminal.js'
import { textInput } from './textInput.js'

/** How many candidates of each token are shown; --json has all that were asked for. */
const SHOWN = 3

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

/** The text with its gaps filled, and a line for every token: what both heads say together, and each of them alone. */
function showSpans(text: string, { spans }: SpanInfillingAnswer): string {
  let filled = ''
  let end = 0
  for (const span of spans) {
    filled += text.slice(end, span.start) + pc.bold(pc.cyan(span.infill))
    end = span.end
  }
  const rows = spans.flatMap(({ tokens }) =>
    tokens.map(({ both, masked_lm, span_boundary }) => [both, masked_lm, span_boundary].map(shown)),
  )
  return `${filled}${text.slice(end)}\n${table(['both', 'its own place', 'the boundaries'], rows)}`
}

const shown = (candidates: readonly InfillCandidate[] | null): string =>
  candidates
    ?.slice(0, SHOWN)
    .map(({ token_str, score }) => `${token_str} ${score.toFixed(2)}`)
    .join('  ') ?? '–'
