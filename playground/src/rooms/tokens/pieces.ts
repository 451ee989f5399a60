// What the room of tokens knows of a text: its characters, and its pieces by each tokenizer, all with places in the text.

import { type Tokenizer, unitToByte } from 'bertkin/tokenizer'

/** A stretch of the text, in UTF-16 units. */
export interface Range {
  readonly start: number
  readonly end: number
}

/** A token of the text. */
export interface Piece extends Range {
  readonly token: string
  readonly id: number
  /** Put there by the tokenizer: it stands for no characters. */
  readonly isSpecial: boolean
  /** The tokenizer has no pieces for these characters: the model cannot tell them from others that are lost. */
  readonly isLost: boolean
  /** The bytes it stands for: for byte-level tokens its own, else those of its characters. */
  readonly bytes: Uint8Array
}

/** The tokens of a text, special ones included. */
export function piecesOf(tokenizer: Tokenizer, text: string): Piece[] {
  const { ids, tokens, offsets, specialTokensMask } = tokenizer.encode(text)
  const isByteLevel = kindOf(tokenizer) === 'byte-level BPE'
  return tokens.map((token, i) => {
    const [start, end] = offsets[i]!
    const isSpecial = specialTokensMask[i] === 1
    const isOwn = isByteLevel && !isSpecial && !tokenizer.specialIds.has(ids[i]!)
    const bytes = isOwn ? bytesOfToken(token) : utf8(text.slice(start, end))
    const isLost = !isSpecial && ids[i] === tokenizer.specialTokens.unk?.id
    return { token, id: ids[i]!, start, end, isSpecial, isLost, bytes }
  })
}

/** The text's characters: its code points, each with its place. */
export function charactersOf(text: string): (Range & { readonly character: string })[] {
  let start = 0
  return Array.from(text, (character) => {
    const range = { character, start, end: start + character.length }
    start = range.end
    return range
  })
}

export type TokenizerKind = 'WordPiece' | 'Unigram' | 'byte-level BPE' | 'BPE'

export function kindOf({ parts }: Tokenizer): TokenizerKind {
  const { type } = parts.model
  if (type === 'WordPiece' || type === 'Unigram') return type
  return JSON.stringify(parts.decoder.toJson()).includes('"ByteLevel"') ? 'byte-level BPE' : 'BPE'
}

/** Whether two stretches have a character in common. */
export const overlap = (a: Range, b: Range): boolean => a.start < b.end && b.start < a.end

export const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text)

/** `f0 9f 8d 9c` */
export const hex = (bytes: Uint8Array): string =>
  Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join(' ')

const bytesOfToken = (token: string): Uint8Array =>
  Uint8Array.from(token, (unit) => unitToByte(unit.charCodeAt(0))).filter(
    (_, i) => unitToByte(token.charCodeAt(i)) >= 0,
  )
