// A tokenizer's row of pieces.

import type { Tokenizer } from 'bertkin/tokenizer'
import { fill, h } from '../../dom.js'
import { problemText } from '../../engine.js'
import { makeRoving } from '../../widgets/roving.js'
import { hex, kindOf, overlap, type Piece, piecesOf, type Range, type TokenizerKind } from './pieces.js'

const RULES: Readonly<Record<TokenizerKind, string>> = {
  WordPiece:
    'Takes the longest piece it knows, from the left; ## goes on with a word. A word that cannot be made of its pieces is [UNK]: lost.',
  Unigram:
    'Knows how probable each piece is, and takes the likeliest way to cut the text. ▁ stands for the space before a word. Characters it has never met are lost.',
  'byte-level BPE':
    'Works on bytes, and joins the pair that was joined first in training, over and over. Ġ is a space. Whatever you type has bytes, so nothing is unknown.',
  BPE: 'Joins the pair of pieces that was joined first in training, over and over.',
}

/** Told which stretch of the text is looked at, and by which piece. */
export type Look = (range: Range, piece?: Piece) => void

export class Lane {
  readonly element: HTMLElement
  pieces: readonly Piece[] = []
  readonly #count = h('span', { class: 'count' })
  readonly #list = h('ol', { class: 'tokens' })
  readonly #message = h('p', { class: 'note' }, 'Loading …')
  #buttons: HTMLElement[] = []
  #tokenizer: Tokenizer | undefined

  constructor(
    readonly title: string,
    kin: string,
    private readonly look: Look,
  ) {
    this.element = h(
      'section',
      { class: `card lane kin-${kin}`, 'aria-label': title },
      h('h2', {}, title, ' ', this.#count),
      this.#message,
      this.#list,
    )
  }

  open(tokenizer: Tokenizer, text: string): void {
    this.#tokenizer = tokenizer
    const kind = kindOf(tokenizer)
    fill(this.#message, h('strong', {}, kind), `, ${tokenizer.vocabSize.toLocaleString('en')} pieces. ${RULES[kind]}`)
    this.show(text)
  }

  /** @param onRemove where the lane can be taken away again */
  fail(error: unknown, onRemove?: () => void): void {
    this.#message.className = 'problem'
    fill(
      this.#message,
      `${problemText(error)} `,
      onRemove && h('button', { type: 'button', onclick: onRemove }, 'Remove it'),
    )
  }

  show(text: string): void {
    if (!this.#tokenizer) return
    this.pieces = piecesOf(this.#tokenizer, text)
    const own = this.pieces.filter(({ isSpecial }) => !isSpecial).length
    this.#count.textContent = `${own} ${own === 1 ? 'token' : 'tokens'}`
    this.#buttons = this.pieces.map((piece) => this.#button(piece))
    fill(
      this.#list,
      this.#buttons.map((button) => h('li', {}, button)),
    )
    makeRoving(this.#list, 'button')
  }

  /** Lights up what stands for some of these characters. */
  light(range: Range | undefined, piece: Piece | undefined): void {
    this.pieces.forEach((own, i) => {
      this.#buttons[i]!.classList.toggle('on', range !== undefined && overlap(own, range))
      this.#buttons[i]!.classList.toggle('chosen', own === piece)
    })
  }

  #button(piece: Piece): HTMLElement {
    const { token, id, start, end, isSpecial, isLost, bytes } = piece
    const place = isSpecial ? 'added by the tokenizer' : `characters ${start} to ${end}, bytes ${hex(bytes)}`
    const look = (): void => this.look(piece, piece)
    return h(
      'button',
      {
        type: 'button',
        class: `token${isSpecial ? ' special' : ''}${isLost ? ' lost' : ''}`,
        ...{ onpointerenter: look, onfocus: look, onclick: look },
      },
      h('span', {}, token),
      h('small', {}, id),
      isLost && h('small', {}, 'lost'),
      h('span', { class: 'visually-hidden' }, `, ${place}`),
    )
  }
}
