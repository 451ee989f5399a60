// What is to be trained: the choices, as a form.

import { fill, h } from '../../dom.js'
import type { Engine } from '../../engine.js'
import { clamp, type UrlState } from '../../urlState.js'
import { choices, selection, slider, textField } from '../../widgets/fields.js'
import { modelPicker } from '../../widgets/modelPicker.js'
import { LABELLED } from './labelled.js'

export const trainDefaults = {
  kind: 'pretrain',
  recipe: 'roberta',
  size: 'micro',
  steps: 400,
  own: false,
  base: 'electra',
  epochs: 10,
}

const KINDS = [
  ['pretrain', 'Pretrain: from nothing, on plain text'],
  ['finetune', 'Fine-tune: a trained model learns labels'],
] as const
export type Kind = (typeof KINDS)[number][0]

const RECIPES = [
  ['electra', 'ELECTRA: find the swapped words'],
  ['roberta', 'RoBERTa: fill gaps drawn anew'],
  ['albert', 'ALBERT: fill gaps, put sentences in order; shared layers'],
  ['spanbert', 'SpanBERT: rebuild spans from their edges'],
  ['bert', 'BERT: fill gaps, tell whether a sentence follows'],
] as const
export type Recipe = (typeof RECIPES)[number][0]

const SIZES = [
  ['micro', 'one layer'],
  ['tiny', 'two layers'],
  ['mini', 'four layers'],
] as const
export type Size = (typeof SIZES)[number][0]

const MOST_CHARACTERS = 2_000_000

export interface Settings {
  readonly element: HTMLElement
  kind(): Kind
  recipe(): Recipe
  size(): Size
  /** The text, or labelled lines; empty for the sample stories. */
  text(): string
  /** Read again what the address says. */
  refresh(): void
}

export function settings(engine: Engine, state: UrlState<typeof trainDefaults>): Settings {
  const of = <Value extends string>(options: readonly (readonly [Value, string])[], value: string): Value =>
    options.find(([option]) => option === value)?.[0] ?? options[0]![0]
  const kind = (): Kind => of(KINDS, state.values.kind)
  const texts: Record<Kind, string> = { pretrain: '', finetune: LABELLED }
  const below = h('div', {})

  function pretraining(): HTMLElement[] {
    const { values } = state
    const own = textBox(
      'Your text: a paragraph or a sentence a line, blank lines between documents',
      'pretrain',
      '.txt,.md',
    )
    own.hidden = !values.own
    return [
      h(
        'div',
        { class: 'fields' },
        selection('What it practises', RECIPES, of(RECIPES, values.recipe), (recipe) => state.set({ recipe })).element,
        selection('Size', SIZES, of(SIZES, values.size), (size) => state.set({ size })).element,
        slider('Steps', clamp(values.steps, 50, 3000), { min: 50, max: 3000, step: 50 }, (steps) =>
          state.set({ steps }),
        ).element,
      ),
      choices(
        'Text',
        [
          ['sample', 'simple stories that come with the page'],
          ['own', 'my own'],
        ],
        values.own ? 'own' : 'sample',
        (choice) => {
          state.set({ own: choice === 'own' })
          own.hidden = choice !== 'own'
        },
      ).element,
      own,
    ]
  }

  function finetuning(): HTMLElement[] {
    return [
      modelPicker(engine, {
        label: 'Begin with',
        shipped: ['electra', 'roberta', 'albert', 'spanbert'],
        value: state.values.base,
        example: 'google/electra-small-discriminator',
        onChange: (base) => state.set({ base }),
      }),
      slider('Epochs', clamp(state.values.epochs, 1, 30), { min: 1, max: 30 }, (epochs) => state.set({ epochs }))
        .element,
      textBox('Examples: a line each, with a text and a label (CSV with a header)', 'finetune', '.csv'),
    ]
  }

  function textBox(label: string, of: Kind, accept: string): HTMLElement {
    const take = async (files: Iterable<File>): Promise<void> => {
      const read = await Promise.all([...files].map((file) => file.text()))
      texts[of] = read.join('\n\n').slice(0, MOST_CHARACTERS)
      field.box.value = texts[of]
    }
    const file = h('input', {
      ...{ type: 'file', accept, multiple: true, 'aria-label': 'Text from files' },
      onchange: () => void take(file.files ?? []),
    })
    const onText = (text: string): void => {
      texts[of] = text
    }
    const field = textField(label, texts[of], onText, { rows: 8, most: MOST_CHARACTERS })
    return h(
      'div',
      {
        ondragover: (event: DragEvent) => event.preventDefault(),
        ondrop: (event: DragEvent) => {
          event.preventDefault()
          void take(event.dataTransfer?.files ?? [])
        },
      },
      field.element,
      h('div', { class: 'row' }, h('span', { class: 'note' }, 'or from files, also dropped here:'), file),
    )
  }

  const refresh = (): void => fill(below, kind() === 'pretrain' ? pretraining() : finetuning())
  const kinds = choices('What to do', KINDS, kind(), (next) => {
    state.set({ kind: next })
    refresh()
  })
  refresh()
  return {
    element: h('div', { class: 'settings' }, kinds.element, below),
    kind,
    recipe: () => of(RECIPES, state.values.recipe),
    size: () => of(SIZES, state.values.size),
    text: () => (kind() === 'pretrain' && !state.values.own ? '' : texts[kind()]),
    refresh,
  }
}
