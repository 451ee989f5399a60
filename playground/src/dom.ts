// Elements as expressions: h('p', { class: 'note' }, 'text', h('b', {}, 'more')). No framework; this is all there is.

type Child = Node | string | number | false | null | undefined
type Children = readonly (Child | Children)[]
type Handler = (event: never) => void

/** Attributes as HTML has them; a function under `onclick` and the like is a listener; false and undefined are absent. */
export interface Props {
  readonly [name: string]: string | number | boolean | undefined | Handler
}

/**
 * An element.
 *
 * @example
 * h('button', { type: 'button', onclick: () => draw() }, 'Draw')
 */
export function h<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  props: Props = {},
  ...children: Children
): HTMLElementTagNameMap[Tag] {
  const element = document.createElement(tag)
  setProps(element, props)
  append(element, children)
  return element
}

/** An element of a drawing. */
export function s<Tag extends keyof SVGElementTagNameMap>(
  tag: Tag,
  props: Props = {},
  ...children: Children
): SVGElementTagNameMap[Tag] {
  const element = document.createElementNS('http://www.w3.org/2000/svg', tag)
  setProps(element, props)
  append(element, children)
  return element
}

/** Replaces what an element holds. */
export function fill(element: Element, ...children: Children): void {
  const holder = document.createDocumentFragment()
  append(holder, children)
  element.replaceChildren(holder)
}

export function setProps(element: Element, props: Props): void {
  for (const [name, value] of Object.entries(props)) {
    if (typeof value === 'function') element.addEventListener(name.slice(2), value as EventListener)
    else if (value === undefined || value === false) element.removeAttribute(name)
    else element.setAttribute(name, value === true ? '' : String(value))
  }
}

function append(parent: ParentNode, children: Children): void {
  for (const child of children) {
    if (isList(child)) append(parent, child)
    else if (child !== false && child !== null && child !== undefined) {
      parent.append(child instanceof Node ? child : String(child))
    }
  }
}

const isList = (child: Child | Children): child is Children => Array.isArray(child)

let ids = 0

/** An id that no other element has, to tie labels to what they label. */
export const freshId = (stem: string): string => `${stem}-${++ids}`
