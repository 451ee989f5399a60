// Which model answers: one that ships with the page, one of the hub, or a folder of this computer.

import { filesOfDrop, filesOfList } from 'bertkin/browser'
import { fill, freshId, h } from '../dom.js'
import { type Engine, problemText } from '../engine.js'
import { labelOf } from '../models.js'

export interface ModelPickerOptions {
  readonly label?: string
  /** The shipped ones that fit. */
  readonly shipped: readonly string[]
  readonly value: string
  /** What a model of the hub must be able to do, and one that can. */
  readonly example: string
  onChange(model: string): void
}

export function modelPicker(
  engine: Engine,
  { label = 'Model', shipped, value, example, onChange }: ModelPickerOptions,
): HTMLElement {
  const id = freshId('model')
  const own = new Set(shipped)
  if (value !== '') own.add(value)
  const problem = h('p', { class: 'problem', role: 'alert', hidden: true })
  const select = h('select', { id, onchange: () => choose(select.value) })
  const list = (chosen: string): void =>
    fill(
      select,
      [...own].map((name) => h('option', { value: name, selected: name === chosen }, shownName(name))),
    )
  const choose = (name: string): void => {
    problem.hidden = true
    own.add(name)
    list(name)
    onChange(name)
  }
  const takeFiles = async (files: Promise<Parameters<Engine['take']>[0]>): Promise<void> => {
    try {
      choose(engine.take(await files))
    } catch (error) {
      problem.textContent = problemText(error)
      problem.hidden = false
    }
  }
  list(value)

  const hub = h('input', { type: 'text', id: freshId('hub'), placeholder: example, spellcheck: 'false' })
  const folder = h('input', {
    ...{ type: 'file', id: freshId('folder'), webkitdirectory: true, multiple: true },
    onchange: () => void takeFiles((async () => filesOfList(folder.files ?? []))()),
  })
  const fromHub = h(
    'form',
    {
      class: 'row',
      onsubmit: (event: SubmitEvent) => {
        event.preventDefault()
        if (hub.value.trim() !== '') choose(hub.value.trim())
      },
    },
    h('label', { for: hub.id }, 'Its id on the hub'),
    hub,
    h('button', { type: 'submit' }, 'Use it'),
  )
  const details = h(
    'details',
    {},
    h('summary', {}, 'Another model'),
    fromHub,
    h('div', { class: 'row' }, h('label', { for: folder.id }, 'or a folder of this computer'), folder),
    h('p', { class: 'note' }, 'A checkpoint’s folder may also be dropped here. Nothing is uploaded.'),
  )
  const element = h(
    'div',
    {
      class: 'model-picker',
      ondragover: (event: DragEvent) => event.preventDefault(),
      ondrop: (event: DragEvent) => {
        event.preventDefault()
        if (event.dataTransfer) void takeFiles(filesOfDrop(event.dataTransfer))
      },
    },
    h('div', { class: 'row' }, h('label', { for: id }, label), select),
    details,
    problem,
  )
  return element
}

const shownName = (name: string): string =>
  name.startsWith('folder:') ? `${name.slice('folder:'.length)} (a folder of this computer)` : labelOf(name)
