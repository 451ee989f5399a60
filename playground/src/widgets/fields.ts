// Fields with their labels.

import { freshId, h } from '../dom.js'

/** A box for text. */
export function textField(
  label: string,
  value: string,
  onInput: (text: string) => void,
  { rows = 2, most = 600 }: { readonly rows?: number; readonly most?: number } = {},
): { readonly element: HTMLElement; readonly box: HTMLTextAreaElement } {
  const id = freshId('text')
  const box = h('textarea', { id, rows, maxlength: most, spellcheck: 'false', oninput: () => onInput(box.value) })
  box.value = value
  return { element: h('div', { class: 'field' }, h('label', { for: id }, label), box), box }
}

export interface SliderOptions {
  readonly min: number
  readonly max: number
  readonly step?: number
  /** The number as it is shown. */
  readonly show?: (value: number) => string
}

/** A slider with its number beside it. */
export function slider(
  label: string,
  value: number,
  { min, max, step = 1, show = String }: SliderOptions,
  onInput: (value: number) => void,
): { readonly element: HTMLElement; set(value: number, most?: number): void } {
  const id = freshId('slider')
  const output = h('output', { for: id }, show(value))
  const say = (at: number): void => {
    output.textContent = show(at)
    input.setAttribute('aria-valuetext', show(at))
  }
  const input = h('input', {
    ...{ id, type: 'range', min, max, step },
    oninput: () => {
      say(input.valueAsNumber)
      onInput(input.valueAsNumber)
    },
  })
  input.value = String(value)
  say(value)
  return {
    element: h('div', { class: 'slider' }, h('label', { for: id }, label), output, input),
    set(next, most) {
      if (most !== undefined) input.max = String(most)
      input.value = String(next)
      say(next)
    },
  }
}

/** One of several, all visible. */
export function choices<Value extends string>(
  legend: string,
  options: readonly (readonly [value: Value, label: string])[],
  value: Value,
  onChange: (value: Value) => void,
): { readonly element: HTMLFieldSetElement; set(value: Value): void } {
  const name = freshId('choice')
  const inputs = options.map(([option]) =>
    h('input', { type: 'radio', name, value: option, checked: option === value, onchange: () => onChange(option) }),
  )
  const labels = options.map(([, label], i) => h('label', {}, inputs[i]!, label))
  return {
    element: h('fieldset', {}, h('legend', {}, legend), h('div', { class: 'choices' }, labels)),
    set(next) {
      for (const input of inputs) input.checked = input.value === next
    },
  }
}

/** One of many. */
export function selection(
  label: string,
  options: readonly (readonly [value: string, label: string])[],
  value: string,
  onChange: (value: string) => void,
): { readonly element: HTMLElement; readonly select: HTMLSelectElement } {
  const id = freshId('select')
  const select = h(
    'select',
    { id, onchange: () => onChange(select.value) },
    options.map(([option, text]) => h('option', { value: option, selected: option === value }, text)),
  )
  return { element: h('div', { class: 'field' }, h('label', { for: id }, label), select), select }
}
