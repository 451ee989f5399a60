// Questions to a passage: the answer is a stretch of it.

import type { ExtractedAnswer } from 'bertkin'
import { fill, h } from '../../dom.js'
import type { Engine } from '../../engine.js'
import { clamp, type UrlState } from '../../urlState.js'
import { asking } from '../../widgets/asking.js'
import { bars } from '../../widgets/bars.js'
import { textField } from '../../widgets/fields.js'
import { modelPicker } from '../../widgets/modelPicker.js'

export const questionDefaults = {
  passage: 'The battle took place near the village of Arden in 1643. The army of King Henry lost about 4,000 men.',
  question: 'When did the battle take place?',
  answer: 0,
  reader: 'spanbert-questions',
}
const ANSWERS = 5

const SUGGESTIONS = [
  'Where did the battle take place?',
  'When did the battle take place?',
  'How many men did the army lose?',
]

interface Question {
  readonly question: string
  readonly context: string
  readonly model: string
}

export function question(engine: Engine, state: UrlState<typeof questionDefaults>): HTMLElement {
  const answers = h('div', { class: 'answered' })
  const { message, ask } = asking<Question>(answers, async ({ model, ...input }, onLoading, turn) => {
    if (input.question.trim() === '' || input.context.trim() === '') {
      fill(answers, h('p', { class: 'note' }, 'Write a passage and a question.'))
      return
    }
    const read = await engine.pipeline('question-answering', model, onLoading)
    const found = [await read(input, { top_k: ANSWERS })].flat()
    if (!turn.isOld()) show(input.context, found)
  })

  function show(context: string, found: readonly ExtractedAnswer[]): void {
    const chosen = found[clamp(Math.round(state.values.answer), 0, found.length - 1)]
    if (!chosen) return
    const choose = (answer: number): void => {
      state.set({ answer })
      show(context, found)
      answers.querySelectorAll<HTMLElement>('.bars button')[answer]?.focus()
    }
    const { start, end, answer } = chosen
    fill(
      answers,
      h(
        'p',
        { class: 'passage' },
        context.slice(0, start),
        h('mark', {}, context.slice(start, end)),
        context.slice(end),
      ),
      h('p', { class: 'visually-hidden', 'aria-live': 'polite' }, `Answer: ${answer}`),
      h('h3', {}, 'Best answers, of all stretches of the passage; press one to see it there'),
      bars(
        found.map((one) => ({ name: one.answer, share: Math.min(1, one.score) })),
        'Answers, the likeliest first',
        choose,
      ),
    )
  }

  const passage = textField('Passage', state.values.passage, (text) => change({ passage: text }), {
    rows: 5,
    most: 4000,
  })
  const box = h('input', {
    ...{ type: 'text', id: 'question', maxlength: 200 },
    oninput: () => change({ question: box.value }),
  })
  box.value = state.values.question
  function change(changes: Partial<typeof questionDefaults>): void {
    state.set({ answer: 0, ...changes })
    const { question: asked, passage: context, reader: model } = state.values
    if (box.value !== asked) box.value = asked
    ask({ question: asked, context, model })
  }
  change({ answer: state.values.answer })

  return h(
    'section',
    { class: 'card', 'aria-labelledby': 'question-title' },
    h('h2', { id: 'question-title' }, 'What it is good for: answers are spans'),
    h(
      'p',
      {},
      'An answer has a first and a last token, just as a gap has. After fine-tuning, the model says how likely each token is to be the first and to be the last. The small one that comes with this page has read little: it often knows what kind of answer a question wants, and not which one. A large one from the hub, chosen below, does.',
    ),
    passage.element,
    h('div', { class: 'field' }, h('label', { for: box.id }, 'Question'), box),
    h(
      'div',
      { class: 'row', role: 'group', 'aria-label': 'Questions to try' },
      SUGGESTIONS.map((text) => h('button', { type: 'button', onclick: () => change({ question: text }) }, text)),
    ),
    message,
    answers,
    modelPicker(engine, {
      shipped: ['spanbert-questions'],
      value: state.values.reader,
      example: 'mrm8488/spanbert-finetuned-squadv2',
      onChange: (reader) => change({ reader }),
    }),
  )
}
