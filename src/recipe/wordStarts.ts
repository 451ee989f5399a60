// Which tokens begin a word: each kind of tokenizer marks that in its own way.

import { BertkinError } from '../errors.js'
import type { Tokenizer } from '../tokenizer/index.js'

/**
 * For each id, 1 if a token begins a word and 0 if it goes on with one; [vocabSize].
 *
 * @throws {BertkinError} `option-invalid` for a tokenizer that does not mark words
 *
 * @example
 * const tokenizer = await loadTokenizer('models/bert')
 * wordStarts(tokenizer)[tokenizer.tokenToId('##ing')!] // 0
 */
export function wordStarts(tokenizer: Tokenizer): Uint8Array {
  const begins = ruleOf(tokenizer)
  return Uint8Array.from({ length: tokenizer.vocabSize }, (_, id) => {
    const token = tokenizer.idToToken(id)
    return token === undefined || tokenizer.specialIds.has(id) || begins(token) ? 1 : 0
  })
}

function ruleOf({ parts }: Tokenizer): (token: string) => boolean {
  const prefix = parts.model.continuingSubwordPrefix
  if (prefix) return (token) => !token.startsWith(prefix)
  const decoder = JSON.stringify(parts.decoder.toJson())
  if (decoder.includes('"Metaspace"')) return sentencePieceBegins
  if (decoder.includes('"ByteLevel"')) return byteLevelBegins
  const message = 'masking by words needs a tokenizer that marks words (WordPiece, SentencePiece or byte-level BPE)'
  throw new BertkinError('option-invalid', message)
}

/**
 * ALBERT's rule: a piece begins a word if it is marked so, or a single mark of punctuation, or has a character that is
 * neither a letter of English nor such a mark: numbers, and foreign letters, are words piece by piece.
 */
const sentencePieceBegins = (token: string): boolean =>
  /^[▁<]/.test(token) ||
  /^[!"#$%&()*+,\-./:;?@[\\\]^_`{|}~]$/.test(token) ||
  /[^A-Za-z!"#$%&()*+,\-./:;?@[\\\]^_`{|}~]/.test(token)

/** The bytes of white space, as byte-level tokenizers write them: a space, a tab, a line feed, a carriage return. */
const byteLevelBegins = (token: string): boolean => /^[ĠĉĊč]/.test(token)
