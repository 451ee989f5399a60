// Questions with answers to choose from.

import { createConfig } from '../checkpoint/index.js'
import { counted } from '../counted.js'
import type { ChoiceExample } from '../data/index.js'
import { accuracy } from '../metric/index.js'
import type { Sequence } from '../model/index.js'
import { type LabelledChoices, multipleChoice as objective } from '../objective/index.js'
import { inBatches } from '../pipeline/index.js'
import type { Tokenizer } from '../tokenizer/index.js'
import {
  type EvaluationContext,
  type FeatureContext,
  type FeatureOptions,
  type FinetuningTask,
  lengthFor,
  type TaskEvaluation,
  tell,
} from './task.js'

export const multipleChoice: FinetuningTask<ChoiceExample, LabelledChoices> = {
  head: 'multiple-choice',
  maxLength: 256,
  // The head gives one number for each choice, however many labels the configuration has.
  labelsOf: () => ({ id2label: createConfig({ modelType: 'bert' }).id2label, problemType: undefined }),
  checkKnown: () => {},
  features: choiceFeatures,
  objective,
  evaluate,
}

/**
 * Each question with each of its choices, as the model reads them. With a context: the context, then question and choice;
 * without: the question, then the choice. A blank `_` in the question is filled by the choice (RACE's). What is too long
 * loses the end of the context; where there is none, or not enough of it, the longer text gives way first.
 *
 * @example
 * const tokenizer = await loadTokenizer('models/electra')
 * const config = createConfig({ modelType: 'electra' })
 * const examples = [{ question: 'What barks?', choices: ['a dog', 'a cat'], label: 0 }]
 * choiceFeatures(examples, { tokenizer, config, maxLength: 128 })[0]?.choices.length // 2
 */
export function choiceFeatures(examples: readonly ChoiceExample[], context: FeatureContext): LabelledChoices[] {
  const choices = choiceSequences(examples, context)
  return examples.map(({ label }, i) => ({ choices: choices[i]!, label }))
}

function choiceSequences(
  examples: readonly ChoiceExample[],
  context: Partial<FeatureOptions> & { readonly tokenizer: Tokenizer; readonly maxLength: number },
): Sequence[][] {
  const { tokenizer, maxLength } = context
  let cut = 0
  const sequences = examples.map((example) =>
    textsOf(example).map(([text, pair]) => {
      const whole = tokenizer.encode(text, { pair })
      if (whole.length <= maxLength) return { ids: whole.ids, typeIds: whole.typeIds }
      cut++
      const excess = whole.length - maxLength
      const first = whole.sequenceIds.filter((owner) => owner === 0).length
      const strategy = example.context !== undefined && first > excess ? 'only_first' : 'longest_first'
      const { ids, typeIds } = tokenizer.encode(text, { pair, truncation: { maxLength, strategy } })
      return { ids, typeIds }
    }),
  )
  if (cut > 0) tell(context, `${counted(cut, 'choice')} had more than ${maxLength} tokens and were cut`)
  return sequences
}

/** What stands before and behind the separator, for each choice. */
function textsOf({ context, question, choices }: ChoiceExample): [text: string, pair: string][] {
  return choices.map((choice) => {
    const filled = /_+/.test(question) ? question.replace(/_+/, () => choice) : undefined
    if (context === undefined) return [question, choice]
    return [context, filled ?? [question, choice].filter((text) => text !== '').join(' ')]
  })
}

async function evaluate(examples: readonly ChoiceExample[], context: EvaluationContext): Promise<TaskEvaluation> {
  const { model, batchTokens } = context
  const questions = choiceSequences(examples, { ...context, maxLength: lengthFor(context) })
  const prepare = (sequence: Sequence) => ({ sequence, length: sequence.ids.length, outputs: 0 })
  const score = async (items: readonly { readonly sequence: Sequence }[]): Promise<number[]> => {
    const { logits } = await model.run(items.map(({ sequence }) => sequence)) // [choices, 1]
    return Array.from(logits!.data as Float32Array)
  }
  const scores: number[] = []
  const limits = { ...(batchTokens !== undefined && { batchTokens }) }
  for await (const one of inBatches(questions.flat(), prepare, score, limits)) scores.push(one)
  let next = 0
  const predicted = questions.map(({ length }) => {
    const own = scores.slice(next, next + length)
    next += length
    return own.indexOf(Math.max(...own))
  })
  const expected = examples.map(({ label }) => label)
  return { metrics: { accuracy: accuracy(predicted, expected) }, main: 'accuracy', examples: examples.length }
}
