// Pre-tokenizers that cut at white space, and sequences of pre-tokenizers. Semantics of the reference library's
// WhitespaceSplit, Whitespace and Sequence.
import type { Json } from './json.js'
import type { PreTokenizer, WordReceiver } from './steps.js'
import type { TextBuffer } from './textBuffer.js'
import { isWhitespace } from './unicode.js'
import { wordCharacters } from './wordCharacters.js'

/** Words are what stands between white space. */
export const whitespaceSplit: PreTokenizer = {
  split(buffer, start, end, word) {
    const { units } = buffer
    let begin = start
    for (let i = start; i < end; i++) {
      const unit = units[i]!
      if (unit > 0x20 && unit < 0x85) continue
      if (!isWhitespace(unit)) continue
      if (i > begin) word(begin, i)
      begin = i + 1
    }
    if (end > begin) word(begin, end)
  },
  toJson: () => ({ type: 'WhitespaceSplit' }),
}

const SPACE = 1
const WORD = 2
const OTHER = 3
/** The class of each character of the basic plane, filled as characters turn up. */
const classes = new Uint8Array(0x10000)

function classify(code: number): number {
  if (isWhitespace(code)) return SPACE
  return wordCharacters.has(code) ? WORD : OTHER
}

/** Words are runs of letters, marks, digits and underscores, and runs of anything else but white space. */
export const whitespace: PreTokenizer = {
  split(buffer, start, end, word) {
    const { units } = buffer
    let begin = start
    let before = SPACE
    for (let i = start; i < end; i++) {
      const unit = units[i]!
      const at = i
      let kind = classes[unit]!
      if ((unit & 0xfc00) === 0xd800 && i + 1 < end && (units[i + 1]! & 0xfc00) === 0xdc00)
        kind = classify(0x10000 + ((unit & 0x3ff) << 10) + (units[++i]! & 0x3ff))
      else if (kind === 0) {
        kind = classify(unit)
        classes[unit] = kind
      }
      if (kind === before) continue
      if (before !== SPACE) word(begin, at)
      begin = at
      before = kind
    }
    if (before !== SPACE) word(begin, end)
  },
  toJson: () => ({ type: 'Whitespace' }),
}

/**
 * Pre-tokenizers one after the other, each cutting the words of the one before.
 *
 * @example
 * new PreTokenizerSequence([whitespaceSplit, new Metaspace()]) // ALBERT's
 */
export class PreTokenizerSequence implements PreTokenizer {
  readonly needsPlaces: boolean

  constructor(readonly steps: readonly PreTokenizer[]) {
    this.needsPlaces = steps.some((step) => step.needsPlaces === true)
  }

  split(buffer: TextBuffer, start: number, end: number, word: WordReceiver): void {
    this.splitFrom(0, buffer, start, end, word)
  }

  private splitFrom(index: number, buffer: TextBuffer, start: number, end: number, word: WordReceiver): void {
    const step = this.steps[index]
    if (step === undefined) {
      if (end > start) word(start, end, buffer)
      return
    }
    step.split(buffer, start, end, (from, to, written = buffer) => this.splitFrom(index + 1, written, from, to, word))
  }

  toJson(): Json {
    return { type: 'Sequence', pretokenizers: this.steps.map((step) => step.toJson()) }
  }
}
