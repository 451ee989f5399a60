// From WordPiece tokens back to text: continuations are glued on, other tokens get a space before them, and the spaces
// that English does not want are taken out again. Semantics of the reference library's WordPiece decoder, which cleans
// up each token with its own space and so never sees two tokens at once.
import type { Json } from './json.js'
import type { Decoder } from './steps.js'

const CLEANUPS: readonly (readonly [from: string, to: string])[] = [
  [' .', '.'],
  [' ?', '?'],
  [' !', '!'],
  [' ,', ','],
  [" ' ", "'"],
  [" n't", "n't"],
  [" 'm", "'m"],
  [' do not', " don't"],
  [" 's", "'s"],
  [" 've", "'ve"],
  [" 're", "'re"],
]

/**
 * The decoder of BERT, ELECTRA and SpanBERT.
 *
 * @example
 * new WordPieceDecoder().decode(['em', '##bed', 'it', '.']) // 'embed it.'
 */
export class WordPieceDecoder implements Decoder {
  /** `prefix` marks a continuation (default `##`); `cleanup` takes out spaces before punctuation (default true). */
  constructor(
    readonly prefix = '##',
    readonly cleanup = true,
  ) {}

  decode(tokens: readonly string[]): string {
    let text = ''
    for (let i = 0; i < tokens.length; i++) {
      const token = tokens[i]!
      if (i === 0) text += this.clean(token)
      else if (token.startsWith(this.prefix)) text += this.clean(token.slice(this.prefix.length))
      else text += this.clean(` ${token}`)
    }
    return text
  }

  private clean(text: string): string {
    if (!this.cleanup || !text.includes(' ')) return text
    let cleaned = text
    for (const [from, to] of CLEANUPS) cleaned = cleaned.replaceAll(from, to)
    return cleaned
  }

  toJson(): Json {
    return { type: 'WordPiece', prefix: this.prefix, cleanup: this.cleanup }
  }
}

/**
 * Joins tokens with spaces: what the reference does where tokenizer.json has no decoder.
 *
 * @example
 * plainDecoder.decode(['a', 'b']) // 'a b'
 */
export const plainDecoder: Decoder = {
  decode: (tokens) => tokens.join(' '),
  toJson: () => null,
}
