// A tokenizer small enough to read, for the tests.
import { Tokenizer } from './tokenizer.js'

/** One token a line, ids from 0: `[PAD] [UNK] [CLS] [SEP] [MASK]`, then letters, words and pieces. */
export const SMALL_VOCABULARY =
  `[PAD] [UNK] [CLS] [SEP] [MASK] a b c d e ##a ##b ##c ##d ##e the cat sat on mat . , ! ? '
 un ##aff ##able hello world w0 w1 w2 w3 w4 w5 w6 w7 w8 w9 don t ##t 漢 字 😀`
    .split(/\s+/)
    .map((token) => `${token}\n`)
    .join('')

/** The small tokenizer, lower-casing; `config` is its tokenizer_config.json. */
export function smallTokenizer(config: object = {}): Tokenizer {
  return Tokenizer.fromFiles({ 'vocab.txt': SMALL_VOCABULARY, 'tokenizer_config.json': JSON.stringify(config) })
}
