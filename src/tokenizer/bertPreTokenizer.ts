// BERT's words: white space separates and is dropped, every punctuation character is a word of its own. Semantics of
// the reference library's BertPreTokenizer.
import type { Json } from './json.js'
import type { PreTokenizer, WordReceiver } from './steps.js'
import type { TextBuffer } from './textBuffer.js'
import { isWhitespace, punctuation } from './unicode.js'

const LETTER = 1
const SPACE = 2
const PUNCTUATION = 3
const HIGH_SURROGATE = 4

/** The class of each UTF-16 unit; shared by all tokenizers, filled as characters turn up. */
const classes = new Uint8Array(0x10000)

function classify(unit: number): number {
  let found = LETTER
  if (isWhitespace(unit)) found = SPACE
  else if (punctuation.has(unit)) found = PUNCTUATION
  else if (unit >= 0xd800 && unit <= 0xdbff) found = HIGH_SURROGATE
  classes[unit] = found
  return found
}

function isPunctuationPair(units: Uint16Array, at: number, end: number): boolean {
  if (at + 1 >= end) return false
  const low = units[at + 1]!
  return (low & 0xfc00) === 0xdc00 && punctuation.has(0x10000 + ((units[at]! & 0x3ff) << 10) + (low & 0x3ff))
}

/**
 * The pre-tokenizer of BERT, ELECTRA and SpanBERT.
 *
 * @example
 * const out = new TextBuffer()
 * out.pushString("it's", 0, 4)
 * new BertPreTokenizer().split(out, 0, 4, (start, end) => console.log(out.slice(start, end))) // it, ', s
 */
export class BertPreTokenizer implements PreTokenizer {
  split(buffer: TextBuffer, start: number, end: number, word: WordReceiver): void {
    const units = buffer.units
    let begin = start
    for (let i = start; i < end; i++) {
      const unit = units[i]!
      const kind = classes[unit] || classify(unit)
      if (kind === LETTER) continue
      let width = 1
      if (kind === HIGH_SURROGATE) {
        if (!isPunctuationPair(units, i, end)) continue
        width = 2
      }
      if (i > begin) word(begin, i)
      if (kind !== SPACE) word(i, i + width)
      i += width - 1
      begin = i + 1
    }
    if (end > begin) word(begin, end)
  }

  toJson(): Json {
    return { type: 'BertPreTokenizer' }
  }
}
