// SpanBERT in the tour: spans rebuilt from what stands beside them, and questions answered.

import { pipeline } from '../../pipeline/index.js'
import { showExtracted, showSpans } from '../showAnswers.js'
import type { Models } from './models.js'
import { bertkin, heading, say, step, tell } from './page.js'

const GAPS = [
  'He was born in the United [MASK] [MASK] America in 1924.',
  'The film was directed [MASK] [MASK] [MASK] and released in 1998.',
]

const PASSAGE = 'The battle took place near the village of Arden in 1643. The army of King Henry lost about 4,000 men.'
const QUESTIONS = [
  'Where did the battle take place?',
  'When did the battle take place?',
  'How many men did the army lose?',
]

export async function spanbertTour(models: Models): Promise<void> {
  heading('SpanBERT: hides whole spans, and rebuilds them from the two words beside them')
  await gaps(models.path('spanbert'))
  await questions(models.path('spanbert-questions'))
}

async function gaps(model: string): Promise<void> {
  step('Masked spans, each token guessed from its own place and from the span’s boundaries')
  using fill = await pipeline('span-infilling', model)
  for (const text of GAPS) say(showSpans(text, await fill(text)))
  tell(bertkin('span-infilling', model, GAPS[0]!))
}

async function questions(model: string): Promise<void> {
  step('Questions answered from a passage, after fine-tuning on SQuAD')
  using answer = await pipeline('question-answering', model)
  for (const question of QUESTIONS) {
    const input = { question, context: PASSAGE }
    say(showExtracted(input, [await answer(input)].flat()))
  }
  tell(bertkin('question-answering', model, '--question', QUESTIONS[0]!, '--context', PASSAGE))
}
