// Filling gaps: press words to hide them; bars show what the model would put there.

import { fill, h } from '../../dom.js'
import type { Engine } from '../../engine.js'
import type { UrlState } from '../../urlState.js'
import { asking } from '../../widgets/asking.js'
import { bars } from '../../widgets/bars.js'
import { modelPicker } from '../../widgets/modelPicker.js'
import { indexesFrom, type Word, withWords, wordButtons, wordsOf } from '../../widgets/words.js'

export const gapDefaults = { text: '', gaps: '', model: 'roberta' }
const CANDIDATES = 8

interface Question {
  readonly text: string
  readonly model: string
  readonly words: readonly Word[]
  readonly gaps: ReadonlySet<number>
}

export function gaps(
  engine: Engine,
  state: UrlState<typeof gapDefaults>,
  setText: (text: string) => void,
): { readonly element: HTMLElement; redraw(): void } {
  const sentence = h('div', {})
  const answers = h('div', { class: 'columns answers' })

  const { message, ask } = asking<Question>(answers, async ({ text, model, words, gaps: hidden }, onLoading, turn) => {
    if (hidden.size === 0) {
      fill(answers, h('p', { class: 'note' }, 'Press a word to hide it. Press several, and each is guessed by itself.'))
      return
    }
    const { specialTokens } = await engine.tokenizer(model)
    const mask = specialTokens.mask?.token ?? '[MASK]'
    const pipeline = await engine.pipeline('fill-mask', model, onLoading)
    const masked = withWords(text, words, (i) => (hidden.has(i) ? mask : undefined))
    const answer = await pipeline(masked, { top_k: CANDIDATES })
    if (turn.isOld()) return
    const lists =
      hidden.size === 1 ? [answer.flat()] : (answer as (typeof answer)[number][]).map((list) => [list].flat())
    const places = [...hidden].sort((a, b) => a - b)
    fill(
      answers,
      places.map((place, i) => {
        const word = words[place]!.text
        const candidates = lists[i] ?? []
        const items = candidates.map(({ token_str, score }) => ({ name: token_str.trim() || token_str, share: score }))
        const put = (index: number): void => {
          const chosen = items[index]!.name
          state.set({ gaps: [...hidden].filter((other) => other !== place).join(',') })
          setText(withWords(text, words, (at) => (at === place ? chosen : undefined)))
        }
        const rank = items.findIndex(({ name }) => name.toLowerCase() === word.toLowerCase())
        return h(
          'div',
          {},
          h('h3', {}, 'In place of “', word, '”'),
          bars(items, `What may stand in place of ${word}`, put),
          h('p', { class: 'note' }, rankText(rank)),
        )
      }),
    )
  })

  function redraw(): void {
    const { text, gaps: list, model } = state.values
    const words = wordsOf(text)
    const hidden = indexesFrom(list, words.length)
    const toggle = (index: number): void => {
      if (hidden.has(index)) hidden.delete(index)
      else hidden.add(index)
      state.set({ gaps: [...hidden].sort((a, b) => a - b).join(',') })
      redraw()
      sentence.querySelectorAll('button')[index]?.focus()
    }
    fill(sentence, wordButtons(words, hidden, 'Words of the text: press one to hide it', toggle))
    ask({ text, model, words, gaps: hidden })
  }

  const element = h(
    'section',
    { class: 'card', 'aria-labelledby': 'gaps-title' },
    h('h2', { id: 'gaps-title' }, 'What it learns from that: filling gaps'),
    h(
      'p',
      {},
      'Press words to hide them from the model. It guesses each from everything that is left, before and after the gap.',
    ),
    modelPicker(engine, {
      shipped: ['roberta', 'electra-generator', 'spanbert', 'albert'],
      value: state.values.model,
      example: 'distilbert/distilroberta-base',
      onChange: (model) => {
        state.set({ model })
        redraw()
      },
    }),
    sentence,
    message,
    answers,
  )
  return { element, redraw }
}

function rankText(rank: number): string {
  if (rank < 0) return `The hidden word is not among the first ${CANDIDATES}.`
  return rank === 0 ? 'The hidden word comes first.' : `The hidden word is number ${rank + 1}.`
}
