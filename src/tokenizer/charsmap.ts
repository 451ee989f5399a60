// SentencePiece's precompiled table of character replacements: a double-array trie over UTF-8 bytes (the layout of the
// Darts library) and the replacements' texts, ended by NULs. Semantics of the reference library's Precompiled.
import { TokenizerError } from './error.js'

const WHERE = 'precompiled_charsmap'
const NOTHING: readonly number[] = []
/** No replacement is nearly as long; without a limit, a small file could make huge texts of small ones. */
const LONGEST = 1 << 10

function damaged(what: string): never {
  throw new TokenizerError('tokenizer-malformed', `${WHERE} ${what}; download the file again`)
}

/**
 * A table of replacements.
 *
 * @example
 * import { readFile } from 'node:fs/promises'
 * const { charsmap } = readSentencePiece('spiece.model', await readFile('models/albert/spiece.model'))
 * const map = new Charsmap(charsmap)
 * map.find([0xfb01]) // [0x66, 0x69]: the ligature becomes two letters
 */
export class Charsmap {
  private readonly trie: Uint32Array
  private readonly texts: Uint8Array
  /** What each character of the basic plane becomes: 0 not looked up yet, 1 nothing known, else 2 + index in `found`. */
  private readonly known = new Int32Array(0x10000)
  private readonly found: (readonly number[])[] = []
  private readonly byOffset = new Map<number, readonly number[]>()

  /** Throws `tokenizer-malformed` if `bytes` is no such table. */
  constructor(readonly bytes: Uint8Array) {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    const size = bytes.length >= 4 ? view.getUint32(0, true) >>> 2 : 0
    if (size === 0 || 4 + 4 * size > bytes.length) damaged('is cut short')
    this.trie = new Uint32Array(size)
    for (let i = 0; i < size; i++) this.trie[i] = view.getUint32(4 + 4 * i, true)
    this.texts = bytes.slice(4 + 4 * size)
    try {
      new TextDecoder('utf-8', { fatal: true }).decode(this.texts)
    } catch {
      damaged('holds texts that are not UTF-8')
    }
  }

  /**
   * What `characters` (code points) become: the replacement of the shortest stored key that they begin with, and that
   * replaces all of them. Undefined if there is none.
   */
  find(characters: ArrayLike<number>): readonly number[] | undefined {
    const only = characters[0]!
    if (characters.length > 1 || only > 0xffff) return this.search(characters)
    const known = this.known[only]!
    if (known > 0) return this.found[known - 2]
    const found = this.search(characters)
    this.known[only] = found === undefined ? 1 : this.found.push(found) + 1
    return found
  }

  private search(characters: ArrayLike<number>): readonly number[] | undefined {
    const { trie } = this
    let node = offsetOf(trie[0]!)
    for (const byte of utf8(characters)) {
      if (byte === 0) return undefined
      node ^= byte
      const unit = trie[node]
      if (unit === undefined) damaged('leads beyond its own end')
      if ((unit & 0x800000ff) !== byte) return undefined
      node ^= offsetOf(unit)
      if ((unit & 0x100) !== 0) {
        const leaf = trie[node]
        if (leaf === undefined) damaged('leads beyond its own end')
        return this.textAt(leaf & 0x7fffffff)
      }
    }
    return undefined
  }

  private textAt(offset: number): readonly number[] {
    let text = this.byOffset.get(offset)
    if (text === undefined) {
      if (offset > this.texts.length || (this.texts[offset]! & 0xc0) === 0x80)
        damaged('points into the middle of nothing')
      const rest = this.texts.subarray(offset, offset + LONGEST + 1)
      const end = rest.indexOf(0)
      if (end < 0 && rest.length > LONGEST) damaged(`holds a replacement of more than ${LONGEST} bytes`)
      const decoded = new TextDecoder('utf-8', { ignoreBOM: true }).decode(end < 0 ? rest : rest.subarray(0, end))
      text = decoded === '' ? NOTHING : Array.from(decoded, (character) => character.codePointAt(0) ?? 0)
      this.byOffset.set(offset, text)
    }
    return text
  }
}

/** Where the children of a unit begin. */
function offsetOf(unit: number): number {
  return (unit >>> 10) << ((unit & 0x200) >>> 6)
}

/** How many bytes the character takes in UTF-8. */
export function utf8Length(code: number): number {
  if (code < 0x80) return 1
  if (code < 0x800) return 2
  return code < 0x10000 ? 3 : 4
}

function utf8(characters: ArrayLike<number>): number[] {
  const bytes: number[] = []
  for (let i = 0; i < characters.length; i++) {
    const code = characters[i]!
    if (code < 0x80) bytes.push(code)
    else if (code < 0x800) bytes.push(0xc0 | (code >> 6), 0x80 | (code & 0x3f))
    else if (code < 0x10000) bytes.push(0xe0 | (code >> 12), 0x80 | ((code >> 6) & 0x3f), 0x80 | (code & 0x3f))
    else
      bytes.push(0xf0 | (code >> 18), 0x80 | ((code >> 12) & 0x3f), 0x80 | ((code >> 6) & 0x3f), 0x80 | (code & 0x3f))
  }
  return bytes
}

/** Bytes as base64, as tokenizer.json holds them. */
export function toBase64(bytes: Uint8Array): string {
  let binary = ''
  for (let i = 0; i < bytes.length; i += 8192) binary += String.fromCharCode(...bytes.subarray(i, i + 8192))
  return btoa(binary)
}

/** Base64 as bytes; undefined if it is none. */
export function fromBase64(text: string): Uint8Array | undefined {
  try {
    return Uint8Array.from(atob(text), (character) => character.charCodeAt(0))
  } catch {
    return undefined
  }
}
