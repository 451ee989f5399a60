// Tokens that are cut out of the text before anything else happens to it: [CLS], [MASK], <mask> and whatever a user
// adds. Semantics of the reference library's added vocabulary: leftmost longest match, whole words only if asked, and
// the white space beside a token swallowed if asked.
import { asArray, asBoolean, asIndex, asObject, asString, type Json, malformed } from './json.js'
import { Trie } from './trie.js'
import { isWhitespace } from './unicode.js'
import { wordCharacters } from './wordCharacters.js'

/** An added token; fields as in tokenizer.json. */
export interface AddedToken {
  readonly id: number
  readonly content: string
  /** Match only where no letter or digit touches it. */
  readonly singleWord: boolean
  /** Swallow the white space before it. */
  readonly lstrip: boolean
  /** Swallow the white space after it. */
  readonly rstrip: boolean
  /** Look for it in the normalised text instead of the text as given. */
  readonly normalized: boolean
  /** Left out by `decode(ids, { skipSpecialTokens: true })`. */
  readonly special: boolean
}

/** A special token with the usual settings: cut out of the raw text, nothing stripped. */
export function specialToken(content: string, id: number): AddedToken {
  return { id, content, singleWord: false, lstrip: false, rstrip: false, normalized: false, special: true }
}

/** Reads one entry of `added_tokens` (or of `added_tokens_decoder`, whose ids are the keys). */
export function addedTokenFromJson(where: string, value: unknown, id?: number): AddedToken {
  const json = asObject(where, value)
  const content = asString(`${where}.content`, json.content)
  if (content === '') malformed(`${where}.content`, 'a token of at least one character', content)
  const special = asBoolean(`${where}.special`, json.special, false)
  return {
    id: id ?? asIndex(`${where}.id`, json.id),
    content,
    singleWord: asBoolean(`${where}.single_word`, json.single_word, false),
    lstrip: asBoolean(`${where}.lstrip`, json.lstrip, false),
    rstrip: asBoolean(`${where}.rstrip`, json.rstrip, false),
    normalized: asBoolean(`${where}.normalized`, json.normalized, !special),
    special,
  }
}

/** Reads `added_tokens`. */
export function addedTokensFromJson(where: string, value: unknown): AddedToken[] {
  if (value === undefined || value === null) return []
  return asArray(where, value).map((entry, i) => addedTokenFromJson(`${where}[${i}]`, entry))
}

export function addedTokenToJson(token: AddedToken): { readonly [key: string]: Json } {
  return {
    id: token.id,
    content: token.content,
    single_word: token.singleWord,
    lstrip: token.lstrip,
    rstrip: token.rstrip,
    normalized: token.normalized,
    special: token.special,
  }
}

/**
 * Finds added tokens in text.
 *
 * @example
 * const matcher = new AddedTokenMatcher([[specialToken('[SEP]', 102), '[SEP]']])
 * matcher.cut('a [SEP] b', (start, end, token) => console.log(start, end, token?.id)) // 0 2, 2 7 102, 7 9
 */
export class AddedTokenMatcher {
  private readonly trie = new Trie()
  private readonly tokens: AddedToken[] = []
  private readonly heads = new Uint8Array(0x10000)
  /** The units under the trie; as long as the longest token. */
  private readonly window: Uint16Array

  /** `patterns`: each token with the text that stands for it (its content, or its content normalised). */
  constructor(patterns: Iterable<readonly [token: AddedToken, pattern: string]>) {
    let longest = 0
    for (const [token, pattern] of patterns) {
      if (pattern === '') continue
      this.trie.add(pattern, this.tokens.push(token) - 1)
      this.heads[pattern.charCodeAt(0)] = 1
      longest = Math.max(longest, pattern.length)
    }
    this.window = new Uint16Array(longest)
  }

  get isEmpty(): boolean {
    return this.tokens.length === 0
  }

  /** Calls `piece` for each piece of `text`, in order and without gaps: an added token, or text between two. */
  cut(text: string, piece: (start: number, end: number, token: AddedToken | undefined) => void): void {
    let done = 0
    for (let i = 0; i < text.length; i++) {
      if (this.heads[text.charCodeAt(i)] === 0) continue
      const token = this.match(text, i)
      if (token === undefined) continue
      let start = i
      let end = i + this.trie.end
      i = end - 1
      if (token.singleWord && !standsAlone(text, start, end)) continue
      if (token.lstrip) while (start > done && isWhitespace(text.charCodeAt(start - 1))) start--
      if (token.rstrip) while (end < text.length && isWhitespace(text.charCodeAt(end))) end++
      // A token of white space may lie inside what the token before it swallowed.
      if (end <= done) continue
      if (start < done) start = done
      if (done < start) piece(done, start, undefined)
      piece(start, end, token)
      done = end
    }
    if (done < text.length) piece(done, text.length, undefined)
  }

  private match(text: string, at: number): AddedToken | undefined {
    const { window } = this
    const length = Math.min(window.length, text.length - at)
    for (let i = 0; i < length; i++) window[i] = text.charCodeAt(at + i)
    return this.trie.longest(window, 0, length) ? this.tokens[this.trie.value] : undefined
  }
}

function isWordAt(text: string, at: number): boolean {
  const code = at < 0 ? undefined : text.codePointAt(at)
  return code !== undefined && wordCharacters.has(code)
}

function standsAlone(text: string, start: number, end: number): boolean {
  const low = start > 1 && (text.charCodeAt(start - 1) & 0xfc00) === 0xdc00
  const before = low && (text.charCodeAt(start - 2) & 0xfc00) === 0xd800 ? start - 2 : start - 1
  return !isWordAt(text, before) && !isWordAt(text, end)
}
