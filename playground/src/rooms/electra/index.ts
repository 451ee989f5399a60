// ELECTRA: words are swapped, by you or by the generator, and the discriminator says how much it suspects each.

import '../../styles/electra.css'
import type { DetectedWord } from 'bertkin'
import { Random } from 'bertkin/objective'
import { fill, h } from '../../dom.js'
import { type MountRoom, stateOf } from '../../room.js'
import { clamp } from '../../urlState.js'
import { asking } from '../../widgets/asking.js'
import { bars } from '../../widgets/bars.js'
import { slider, textField } from '../../widgets/fields.js'
import { modelPicker } from '../../widgets/modelPicker.js'
import { withWords, wordsOf } from '../../widgets/words.js'
import { learningStrips } from './strips.js'
import { suspects } from './suspects.js'
import { CANDIDATES, chooseWords, drawCandidate, swapped } from './swaps.js'

const ORIGINAL = 'The team won the championship in 2003 and the cup in 2005.'
const EDITED = 'The team born the championship in 2003 and the cup in 2005.'
const MOST_SWAPS = 6
const SHOWN = 5

interface Question {
  readonly text: string
  readonly model: string
}

export const mount: MountRoom = (page, { engine, announce }) => {
  const defaults = {
    text: EDITED,
    original: ORIGINAL,
    swaps: 2,
    seed: 1,
    model: 'electra',
    generator: 'electra-generator',
  }
  const state = stateOf('electra', defaults)
  const judged = h('div', { class: 'judged' })
  const verdictLine = h('p', { class: 'verdict', 'aria-live': 'polite' })
  /** What the generator did, if the text is its work. */
  let generated = ''
  const ranking = h('div', { class: 'ranking' })
  const strips = h('div', {})
  const { element: field, box } = textField('The text as it was', state.values.original, (text) =>
    change({ text, original: text }),
  )

  const verdict = asking<Question>(judged, async ({ text, model }, onLoading, turn) => {
    const detect = await engine.pipeline('replaced-token-detection', model, onLoading)
    const { words, tokens } = await detect(text)
    if (turn.isOld()) return
    show(words)
    learningStrips(strips, tokens.length)
  })

  function show(words: readonly DetectedWord[]): void {
    const { text, original } = state.values
    const originals = originalsOf(text, original)
    const own = wordsOf(text)
    const asWritten = (word: DetectedWord): string | undefined => {
      const at = own.findIndex(({ start }) => start === word.start)
      return at >= 0 && originals?.[at] !== own[at]!.text ? originals?.[at] : undefined
    }
    const edit = (word: DetectedWord, written: string): void => {
      const next = state.values.text.slice(0, word.start) + written + state.values.text.slice(word.end)
      change({ text: next })
    }
    fill(judged, suspects(words, asWritten, edit))
    verdictLine.textContent = originals ? generated + tally(words, (word) => asWritten(word) !== undefined) : ''
    const worst = [...words].sort((a, b) => b.score - a.score).slice(0, SHOWN)
    fill(
      ranking,
      h('h3', {}, 'Most suspicious'),
      bars(
        worst.map((word) => ({ name: word.word, share: word.score })),
        'The words that the discriminator suspects most',
      ),
    )
  }

  function change(changes: { text?: string; original?: string; seed?: number }, by = ''): void {
    generated = by
    state.set(changes)
    const { text, original, model } = state.values
    if (box.value !== original) box.value = original
    verdict.ask({ text, model })
  }

  const generation = asking<number>(judged, async (seed, onLoading, turn) => {
    const { original: text, swaps, generator } = state.values
    const words = wordsOf(text)
    const random = new Random(seed)
    const places = chooseWords(words, clamp(Math.round(swaps), 1, MOST_SWAPS), random)
    if (places.length === 0) return
    const { specialTokens } = await engine.tokenizer(generator)
    const mask = specialTokens.mask?.token ?? '[MASK]'
    const guess = await engine.pipeline('fill-mask', generator, onLoading)
    const hidden = withWords(text, words, (i) => (places.includes(i) ? mask : undefined))
    const answer = await guess(hidden, { top_k: CANDIDATES })
    if (turn.isOld()) return
    const lists = places.length === 1 ? [answer.flat()] : answer.map((list) => [list].flat())
    const drawn = new Map(places.map((place, i) => [place, drawCandidate(lists[i]!, random) ?? words[place]!.text]))
    const next = swapped(text, words, drawn)
    const same = wordsOf(next).filter(({ text: word }, i) => places.includes(i) && word === words[i]!.text).length
    const right = same === 0 ? '' : ` and guessed ${same} of them right, which is no swap`
    const gaps = `${places.length} ${places.length === 1 ? 'gap' : 'gaps'}`
    change({ text: next, seed }, `The generator was shown ${gaps}${right}. `)
    announce(`The generator wrote: ${next}`)
  })

  const swapSlider = slider('Words to swap', state.values.swaps, { min: 1, max: MOST_SWAPS }, (swaps) =>
    state.set({ swaps }),
  )
  page.append(
    h('h1', {}, 'ELECTRA: every word is a question'),
    h(
      'p',
      { class: 'lead' },
      'ELECTRA looks for fakes. A small helper, the generator, swaps some words for plausible others. ELECTRA itself, the discriminator, says of every single word whether it was swapped. So it learns from all of a text, and not from the 15 % that BERT hides.',
    ),
    h(
      'section',
      { class: 'card', 'aria-labelledby': 'electra-title' },
      h('h2', { id: 'electra-title' }, 'Fool the discriminator'),
      field,
      h(
        'div',
        { class: 'swapping' },
        swapSlider.element,
        h(
          'div',
          { class: 'row' },
          h(
            'button',
            { type: 'button', class: 'primary', onclick: () => generation.ask(state.values.seed + 1) },
            'Let the generator swap words',
          ),
          h(
            'button',
            { type: 'button', onclick: () => change({ text: state.values.original }) },
            'Put the original back',
          ),
        ),
      ),
      generation.message,
      h('p', {}, 'Or press a word below and write another. The stronger its colour, the more a word is suspected.'),
      verdictLine,
      judged,
      verdict.message,
      ranking,
      h(
        'p',
        { class: 'note' },
        'The small one that comes with this page catches coarse fakes, and misses most of what the generator writes. A large one from the hub, chosen below, is far better at it.',
      ),
      modelPicker(engine, {
        label: 'Discriminator',
        shipped: ['electra'],
        value: state.values.model,
        example: 'google/electra-small-discriminator',
        onChange: (model) => {
          state.set({ model })
          verdict.ask({ text: state.values.text, model })
        },
      }),
      modelPicker(engine, {
        label: 'Generator',
        shipped: ['electra-generator', 'roberta', 'spanbert'],
        value: state.values.generator,
        example: 'google/electra-small-generator',
        onChange: (generator) => state.set({ generator }),
      }),
    ),
    h(
      'section',
      { class: 'card', 'aria-labelledby': 'electra-lesson' },
      h('h2', { id: 'electra-lesson' }, 'What is learnt from this text'),
      strips,
    ),
  )
  learningStrips(strips, wordsOf(state.values.text).length)
  change({})
  return undefined
}

/** `It catches 1 of 3 swapped words, and accuses 2 wrongly.` */
function tally(words: readonly DetectedWord[], isSwapped: (word: DetectedWord) => boolean): string {
  const accused = words.filter(({ score }) => score > 0.5)
  const swaps = words.filter(isSwapped).length
  const caught = accused.filter(isSwapped).length
  const wrongly = accused.length - caught
  if (swaps === 0 && wrongly === 0) return 'Nothing is swapped, and it accuses no word.'
  if (swaps === 0) return `Nothing is swapped, but it accuses ${wrongly}.`
  const others = wrongly > 0 ? `, and accuses ${wrongly} wrongly` : ''
  return `It catches ${caught} of ${swaps} swapped ${swaps === 1 ? 'word' : 'words'}${others}.`
}

/** The original words, if the text has as many: else nobody can say which became which. */
function originalsOf(text: string, original: string): readonly string[] | undefined {
  const [now, before] = [wordsOf(text), wordsOf(original)]
  return now.length === before.length ? before.map((word) => word.text) : undefined
}
