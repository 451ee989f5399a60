// SentencePiece's spaces: each space becomes a character that can be seen (▁, U+2581) and begins a word. Semantics of
// the reference library's Metaspace, which is pre-tokenizer and decoder in one.
import { asBoolean, asObject, asString, type Json, malformed } from './json.js'
import type { Decoder, PreTokenizer, WordReceiver } from './steps.js'
import { TextBuffer } from './textBuffer.js'

/** Where the replacement is put before a text that does not begin with one: before each, the first, or none. */
export type PrependScheme = 'always' | 'first' | 'never'

/**
 * The pre-tokenizer and decoder of ALBERT and other SentencePiece models.
 *
 * @example
 * const metaspace = new Metaspace()
 * const out = new TextBuffer()
 * out.pushString('my dog', 0, 6)
 * metaspace.split(out, 0, 6, (start, end, written) => console.log(written?.slice(start, end))) // ▁my, ▁dog
 * metaspace.decode(['▁my', '▁do', 'g']) // 'my dog'
 */
export class Metaspace implements PreTokenizer, Decoder {
  readonly needsPlaces: boolean
  private readonly high: number
  private readonly low: number
  private readonly buffer = new TextBuffer()

  /** `replacement` is one character; `splits` says whether each replacement begins a word. */
  constructor(
    readonly replacement = '▁',
    readonly scheme: PrependScheme = 'always',
    readonly splits = true,
  ) {
    this.needsPlaces = scheme === 'first'
    this.high = replacement.charCodeAt(0)
    this.low = replacement.length > 1 ? replacement.charCodeAt(1) : 0
  }

  split(buffer: TextBuffer, start: number, end: number, word: WordReceiver): void {
    if (end === start) return
    const { buffer: written, low } = this
    const { units, from, to, tracked } = buffer
    written.reset(tracked, end - start + 1)
    if (this.prepends(buffer, start)) {
      const pair = (units[start]! & 0xfc00) === 0xd800 && start + 1 < end && (units[start + 1]! & 0xfc00) === 0xdc00
      this.pushReplacement(tracked ? from[start]! : 0, tracked ? to[pair ? start + 1 : start]! : 0)
    }
    let begin = 0
    for (let i = start; i < end; i++) {
      const unit = units[i]!
      const stands = this.standsAt(units, i)
      if (this.splits && (unit === 0x20 || stands) && written.length > begin) {
        word(begin, written.length, written)
        begin = written.length
      }
      if (unit === 0x20) this.pushReplacement(tracked ? from[i]! : 0, tracked ? to[i]! : 0)
      else {
        written.push(unit, tracked ? from[i]! : 0, tracked ? to[i]! : 0)
        if (stands && low > 0) {
          i++
          written.push(units[i]!, tracked ? from[i]! : 0, tracked ? to[i]! : 0)
        }
      }
    }
    word(begin, written.length, written)
  }

  private prepends(buffer: TextBuffer, start: number): boolean {
    if (this.scheme === 'never' || buffer.units[start] === 0x20 || this.standsAt(buffer.units, start)) return false
    return this.scheme === 'always' || buffer.from[start] === 0
  }

  private standsAt(units: Uint16Array, at: number): boolean {
    return units[at] === this.high && (this.low === 0 || units[at + 1] === this.low)
  }

  private pushReplacement(from: number, to: number): void {
    this.buffer.push(this.high, from, to)
    if (this.low > 0) this.buffer.push(this.low, from, to)
  }

  decode(tokens: readonly string[]): string {
    let text = ''
    for (let i = 0; i < tokens.length; i++) {
      text += tokens[i]!.replaceAll(this.replacement, i === 0 && this.scheme !== 'never' ? '' : ' ')
    }
    return text
  }

  toJson(): Json {
    return { type: 'Metaspace', replacement: this.replacement, prepend_scheme: this.scheme, split: this.splits }
  }
}

/** Reads a `Metaspace`, with the `add_prefix_space` of older files. */
export function metaspaceFromJson(where: string, value: unknown): Metaspace {
  const json = asObject(where, value)
  const replacement = asString(`${where}.replacement`, json.replacement)
  if ([...replacement].length !== 1) malformed(`${where}.replacement`, 'one character', replacement)
  let scheme = schemeFrom(`${where}.prepend_scheme`, json.prepend_scheme)
  if (!asBoolean(`${where}.add_prefix_space`, json.add_prefix_space ?? undefined, true)) {
    if (json.prepend_scheme !== undefined && scheme !== 'never') {
      malformed(`${where}.prepend_scheme`, '"never", as add_prefix_space is false', scheme)
    }
    scheme = 'never'
  }
  return new Metaspace(replacement, scheme, asBoolean(`${where}.split`, json.split ?? undefined, true))
}

function schemeFrom(where: string, value: unknown): PrependScheme {
  if (value === undefined || value === 'always') return 'always'
  return value === 'first' || value === 'never' ? value : malformed(where, '"always", "first" or "never"', value)
}
