// The texts of labelled data, without the labels: what a model can be trained further on before it is fine-tuned.

import { documentsOfText } from '../memoryCorpus.js'
import type { DatasetTasks } from './datasetFormats.js'
import type { ChoiceExample, QuestionExample, TextExample, TokenExample } from './example.js'

/**
 * The texts of examples as documents for pretraining, each once, in their order. Labels and answers are not among them.
 * Texts that belong together are a document: the two of a pair, a question and its passage, a question and its choices.
 *
 * Training further on the task's own texts is what Gururangan et al., 2020, "Don't Stop Pretraining", call task-adaptive
 * pretraining.
 *
 * @returns one array of lines per document, as `memoryCorpus` takes them
 * @example
 * const { examples } = await readDataset('text-classification', 'train.jsonl')
 * const corpus = memoryCorpus(taskTexts('text-classification', examples))
 */
export function taskTexts<Task extends keyof DatasetTasks>(
  task: Task,
  examples: readonly DatasetTasks[Task]['example'][],
): string[][] {
  const texts = examples.map(textsOf[task] as (example: DatasetTasks[Task]['example']) => string[])
  const documents = texts
    .map((parts) => parts.flatMap((text) => documentsOfText(text).flat()))
    .filter((lines) => lines.length > 0)
  return [...new Map(documents.map((lines) => [lines.join('\n'), lines])).values()]
}

const textsOf: { readonly [Task in keyof DatasetTasks]: (example: DatasetTasks[Task]['example']) => string[] } = {
  'text-classification': ({ text, textPair }: TextExample) => (textPair === undefined ? [text] : [text, textPair]),
  'token-classification': ({ words }: TokenExample) => [words.join(' ')],
  'question-answering': ({ question, context }: QuestionExample) => [question, context],
  'multiple-choice': ({ context, question, choices }: ChoiceExample) => [
    ...(context === undefined ? [] : [context]),
    ...[question, ...choices],
  ],
}
