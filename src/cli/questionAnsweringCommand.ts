// bertkin question-answering: answers from a passage, or from passages in JSON lines.

import type { Command } from 'commander'
import { BertkinError } from '../errors.js'
import { pipeline, type QuestionAnsweringInput, type QuestionAnsweringOptions } from '../pipeline/index.js'
import { MODEL, wholeNumber } from './options.js'
import { showExtracted } from './showAnswers.js'
import { answered, type FormOptions, int8Option, loading, print } from './taskCommands.js'
import { objectFromLine, textInput, wholeText } from './textInput.js'

interface QuestionOptions extends FormOptions {
  readonly question?: readonly string[]
  readonly context?: string
  readonly contextFile?: string
  readonly file?: string
  readonly json?: boolean
  readonly topK: number
  readonly maxAnswerLen: number
  readonly maxSeqLen?: number
  readonly docStride?: number
  readonly handleImpossibleAnswer?: boolean
  readonly alignToWords: boolean
}

const EXAMPLES = `
Example:
  bertkin question-answering checkpoints/squad --question "Who cooked?" --context "Maya cooked momo for her guests."

Questions about one passage, a question a line:
  bertkin question-answering checkpoints/squad --context-file report.txt < questions.txt
Questions with passages of their own, lines like {"question": "Who cooked?", "context": "Maya cooked momo."}:
  bertkin question-answering checkpoints/squad --file questions.jsonl --json`

export function addQuestionAnsweringCommand(program: Command): void {
  program
    .command('question-answering')
    .summary('find the answer to a question in a passage')
    .description('Finds the stretch of a passage that answers a question. Passages may be of any length.')
    .argument('<model>', MODEL)
    .option('--question <text>', 'a question; may be given several times', (text, all: string[] = []) => [...all, text])
    .option('--context <text>', 'the passage')
    .option('--context-file <file>', 'read the passage from a file')
    .option('--file <file>', 'read questions from the lines of a file; default: standard input')
    .option('--top-k <n>', 'answers to each question, at most', wholeNumber(), 1)
    .option('--max-answer-len <n>', 'the most tokens of an answer', wholeNumber(), 15)
    .option(
      '--max-seq-len <n>',
      'the most tokens that are read at once; default: what the model takes, at most 384',
      wholeNumber(),
    )
    .option(
      '--doc-stride <n>',
      'tokens of a long passage that are read twice, by one window and the next; default: 128',
      wholeNumber(0),
    )
    .option('--handle-impossible-answer', 'the passage may hold no answer')
    .option('--no-align-to-words', 'let answers begin and end within words')
    .addOption(int8Option())
    .option('--json', 'for machines: one answer a line')
    .addHelpText('after', EXAMPLES)
    .action(async (model: string, options: QuestionOptions) => {
      checkSources(options)
      using ask = await pipeline('question-answering', model, loading(options))
      const chosen = pipelineOptions(options)
      for await (const [input, answer] of answered(questions(options), (input) => ask(input, chosen))) {
        print(options.json ?? false, answer, () => showExtracted(input, [answer].flat()))
      }
    })
}

function pipelineOptions(options: QuestionOptions): QuestionAnsweringOptions {
  const { topK, maxAnswerLen, maxSeqLen, docStride, handleImpossibleAnswer = false, alignToWords } = options
  return {
    top_k: topK,
    max_answer_len: maxAnswerLen,
    ...(maxSeqLen !== undefined && { max_seq_len: maxSeqLen }),
    ...(docStride !== undefined && { doc_stride: docStride }),
    handle_impossible_answer: handleImpossibleAnswer,
    align_to_words: alignToWords,
  }
}

/** Refuses options that leave open what is asked about what, before a model is loaded. */
function checkSources({ question = [], context, contextFile, file }: QuestionOptions): void {
  const refuse = (message: string): never => {
    throw new BertkinError('option-invalid', message)
  }
  if (context !== undefined && contextFile !== undefined) refuse('give --context or --context-file, not both')
  if (question.length === 0) return
  if (file !== undefined) refuse('give questions with --question or with --file, not both')
  if (context === undefined && contextFile === undefined) {
    refuse('--question needs a passage to answer from: give it with --context or --context-file')
  }
}

/** What is asked: the questions given, or a line each; with their passage, the one given or the line's own. */
async function* questions(options: QuestionOptions): AsyncGenerator<QuestionAnsweringInput> {
  const { question = [], contextFile, file } = options
  const context = contextFile === undefined ? options.context : await wholeText(contextFile)
  if (question.length > 0) {
    for (const text of question) yield { question: text, context: context! }
    return
  }
  for await (const line of textInput([], file, ADVICE))
    yield context === undefined ? fromJson(line) : { question: line, context }
}

const ADVICE = 'give questions with --question, with --file, or on standard input'

/** The pipeline checks the fields themselves. */
const fromJson = (line: string): QuestionAnsweringInput => {
  const { question, context } = objectFromLine(line, '{"question": "…", "context": "…"}')
  return { question, context } as QuestionAnsweringInput
}
