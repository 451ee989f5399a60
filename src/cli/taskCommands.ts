// bertkin fill-mask, bertkin replaced-token-detection: pipelines over texts from anywhere, one answer after the other.

import { setFlagsFromString } from 'node:v8'
import { type Command, Option } from 'commander'
import {
  type FillMaskAnswer,
  type FillMaskCandidate,
  type PipelineOptions,
  pipeline,
  type ReplacedTokenDetectionAnswer,
} from '../pipeline/index.js'
import { loadingOptions } from './downloads.js'
import { MODEL, numberFrom, wholeNumber } from './options.js'
import { showCandidates, showVerdict } from './showAnswers.js'
import { textInput } from './textInput.js'

/** Options that all of these commands have. */
export interface TaskOptions extends FormOptions {
  readonly file?: string
  readonly json?: boolean
  readonly truncation?: boolean
}

/** What {@link loading} needs to know of a command's options. */
export interface FormOptions {
  readonly int8?: boolean
}

/** What is said while a model is fetched, and warnings, go beside the answers, not among them. */
export const loading = ({ int8 = false }: FormOptions): PipelineOptions => ({
  ...loadingOptions(),
  weights: int8 ? 'int8' : 'float32',
})

/** The option that {@link loading} takes. */
export const int8Option = (): Option =>
  new Option('--int8', 'compute dense layers in eight bits: faster, and a little less exact')

export function addFillMaskCommand(program: Command): void {
  taskCommand(program, 'fill-mask', 'guess what stands behind a mask')
    .description('Ranks what may stand behind each mask token of a text.')
    .option('--top-k <n>', 'candidates for each mask', wholeNumber(), 5)
    .option('--targets <words...>', 'rank only these; write them after the texts')
    .addHelpText('after', '\nExample:\n  bertkin fill-mask runs/mine "The capital of France is [MASK]."')
    .action(
      async (model: string, texts: string[], options: TaskOptions & { topK: number; targets?: readonly string[] }) => {
        const { file, json = false, truncation = false, topK: top_k, targets } = options
        using fill = await pipeline('fill-mask', model, loading(options))
        const chosen = { top_k, truncation, ...(targets && { targets }) }
        for await (const [text, answer] of answered(textInput(texts, file), (text) => fill(text, chosen))) {
          print(json, answer, () => showMasks(text, answer, fill.tokenizer.specialTokens.mask!.token))
        }
      },
    )
}

export function addReplacedTokenDetectionCommand(program: Command): void {
  taskCommand(program, 'replaced-token-detection', 'mark words that do not belong')
    .description('Judges of every token whether it stood in the text from the start or was put there.')
    .option('--threshold <p>', 'probability above which a token counts as replaced', numberFrom(0, 1), 0.5)
    .addHelpText(
      'after',
      '\nExample:\n  bertkin replaced-token-detection runs/mine "The chef ate the meal for his guests."',
    )
    .action(async (model: string, texts: string[], options: TaskOptions & { threshold: number }) => {
      const { file, json = false, truncation = false, threshold } = options
      using detect = await pipeline('replaced-token-detection', model, loading(options))
      const ask = (text: string): Promise<ReplacedTokenDetectionAnswer> => detect(text, { threshold, truncation })
      for await (const [text, answer] of answered(textInput(texts, file), ask)) {
        print(json, answer, () => showVerdict(text, answer.words))
      }
    })
}

/** A command of a model and texts. */
export function taskCommand(
  program: Command,
  name: string,
  summary: string,
  { texts = 'texts; default: lines of standard input' } = {},
): Command {
  return program
    .command(name)
    .summary(summary)
    .argument('<model>', MODEL)
    .argument('[texts...]', texts)
    .option('--file <file>', 'read texts from the lines of a file')
    .option('--truncation', 'cut texts that are too long for the model')
    .addOption(int8Option())
    .option('--json', 'for machines: one answer a line')
    .hook('preAction', keepHeapSmall)
}

/**
 * Most of what is read at the start is garbage soon after, and V8 grows its young generation for it, to tens of
 * megabytes that one answer never uses again.
 */
const keepHeapSmall = (): void => setFlagsFromString('--semi-space-growth-factor=1')

/** Answers come as soon as they can: a person may be typing. */
export async function* answered<Input, Answer>(
  inputs: AsyncIterable<Input>,
  ask: (input: Input) => Promise<Answer>,
): AsyncGenerator<[Input, Answer]> {
  for await (const input of inputs) yield [input, await ask(input)]
}

/** An answer as a line of JSON, or as a person likes to see it. */
export function print(json: boolean, answer: unknown, show: () => string): void {
  process.stdout.write(json ? `${JSON.stringify(answer)}\n` : `${show()}\n\n`)
}

/** One table for one mask; for several, one after the other. */
function showMasks(text: string, answer: FillMaskAnswer, mask: string): string {
  const lists = Array.isArray(answer[0]) ? (answer as FillMaskCandidate[][]) : [answer as FillMaskCandidate[]]
  return lists.map((candidates, i) => showCandidates(text, candidates, mask, i)).join('\n')
}
