// Counts the words of a corpus, as a tokenizer's own first steps cut them: what every trainer starts from.
import type { Normalizer, PreTokenizer } from './steps.js'
import { TextBuffer, unitsToString } from './textBuffer.js'
import { WordTable } from './wordTable.js'

/**
 * Counts words after normalising and pre-tokenizing.
 *
 * @example
 * const options = { cleanText: true, handleChineseChars: true, stripAccents: null, lowercase: true }
 * const counter = new WordCounter(new BertNormalizer(options), new BertPreTokenizer())
 * counter.add('the cat, the dog')
 * counter.entries() // [['the', 2], ['cat', 1], [',', 1], ['dog', 1]]
 */
export class WordCounter {
  private readonly table = new WordTable()
  private readonly buffer = new TextBuffer()
  private counts = new Float64Array(1 << 12)

  constructor(
    private readonly normalizer: Normalizer | undefined,
    private readonly preTokenizer: PreTokenizer,
  ) {}

  /** Adds a text's words. */
  add(text: string): void {
    const { buffer, table } = this
    buffer.reset(false, text.length)
    if (this.normalizer === undefined) buffer.pushString(text, 0, text.length)
    else this.normalizer.normalize(text, 0, text.length, buffer)
    this.preTokenizer.split(buffer, 0, buffer.length, (start, end, written = buffer) => {
      const index = table.intern(written.units, start, end)
      if (index >= this.counts.length) {
        const counts = new Float64Array(this.counts.length * 2)
        counts.set(this.counts)
        this.counts = counts
      }
      this.counts[index] = this.counts[index]! + 1
    })
  }

  /** The words in order of first appearance, with their counts. */
  entries(): [word: string, count: number][] {
    return Array.from({ length: this.table.size }, (_, index) => {
      const units = this.table.word(index)
      return [unitsToString(units, 0, units.length), this.counts[index]!]
    })
  }
}
