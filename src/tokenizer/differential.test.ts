// Random and hostile strings against the reference library (the npm package `tokenizers`, Rust): ids, tokens, offsets,
// word ids and decoded text must be the same. BERTKIN_FUZZ=100000 runs more of them. Truncation is not compared here:
// the reference's 0.23 loses windows.
import { existsSync, readFileSync } from 'node:fs'
import { Tokenizer as Reference } from 'tokenizers'
import { describe, expect, it } from 'vitest'
import { Tokenizer } from './tokenizer.js'

const home = new URL('../../../shared/tokenizers/', import.meta.url)
const count = Number(process.env.BERTKIN_FUZZ ?? 2000)

/** Mulberry32: enough for a fuzz, the same on every machine. */
function randomNumbers(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return Math.floor((((t ^ (t >>> 14)) >>> 0) / 2 ** 32) * below)
  }
}

const RANGES: readonly (readonly [number, number])[] = [
  [0x20, 0x7e],
  [0x61, 0x7a],
  [0x61, 0x7a],
  [0x00, 0x1f],
  [0x7f, 0x17f],
  [0x300, 0x36f], // combining marks
  [0x340, 0x345],
  [0x370, 0x3ff],
  [0x400, 0x4ff],
  [0x590, 0x6ff], // Hebrew, Arabic: right to left, marks of many classes
  [0x900, 0xdff],
  [0x0f00, 0x0fff], // Tibetan: marks that decompose to marks
  [0x1ab0, 0x1aff],
  [0x1e00, 0x1fff],
  [0x2000, 0x206f], // spaces, joiners, direction marks
  [0x20a0, 0x2bff],
  [0x3000, 0x30ff],
  [0x4e00, 0x4eff],
  [0xac00, 0xacff], // Hangul: decomposes to letters
  [0xf900, 0xfaff], // compatibility ideographs
  [0xfe00, 0xffff],
  [0x10000, 0x10fff],
  [0x11000, 0x11fff],
  [0x1d100, 0x1d1ff], // musical symbols: spacing marks that change places
  [0x1f300, 0x1faff],
  [0x20000, 0x2ffff],
  [0xe0000, 0xe01ff],
  [0x0, 0x10ffff],
]
const PIECES: readonly string[] = [
  '[CLS]',
  '[SEP]',
  '[MASK]',
  '[UNK]',
  '[PAD]',
  '[mask]',
  '[MASK',
  ' ',
  '  ',
  '\n',
  '\t',
  '\u3000',
  '\u00a0',
  '\u200b',
  "don't",
  'Hello',
  'WORLD',
  'unaffable',
  'électricité',
  'e\u0301',
  'İstanbul',
  'ΣΊΣΥΦΟΣ',
  'straße',
  'ﬁ',
  '½',
  '漢字',
  '한국어',
  'हिन्दी',
  'שָׁלוֹם',
  'مرحبا',
  '👩‍👩‍👧‍👦',
  '🇫🇷',
  '##ing',
  'a'.repeat(99),
  'b'.repeat(101),
  '\u{1d15e}',
  'x\u302a\u302e\u0301',
  '<ADD>',
  '<add>',
  ' <Norm> ',
  '<norm>',
  ' wordly ',
  'xwordly ',
  '-wordly!',
  ' wordlyé ', // neighbours known to every Unicode version
  '\ufffd',
  '\u0000',
] // prettier-ignore

function randomText(random: (below: number) => number): string {
  let text = ''
  const length = random(12) === 0 ? 120 : random(24)
  for (let i = 0; i < length; i++) {
    if (random(4) === 0) {
      text += PIECES[random(PIECES.length)]!
      continue
    }
    const [low, high] = RANGES[random(3) === 0 ? random(RANGES.length) : random(4)]!
    const codePoint = low + random(high - low + 1)
    if (codePoint < 0xd800 || codePoint > 0xdfff) text += String.fromCodePoint(codePoint)
  }
  return text
}

function toCodePoints(text: string, offsets: readonly (readonly number[])[]): number[][] {
  const index: number[] = []
  let points = 0
  for (const character of text) {
    for (let i = 0; i < character.length; i++) index.push(points)
    points++
  }
  index.push(points)
  return offsets.map((offset) => offset.map((at) => index[at] ?? -1))
}

const added = [
  { id: 30522, content: '<ADD>', single_word: false, lstrip: true, rstrip: false, normalized: false, special: true },
  { id: 30523, content: 'wordly', single_word: true, lstrip: false, rstrip: true, normalized: false, special: false },
  { id: 30524, content: '<norm>', single_word: false, lstrip: true, rstrip: true, normalized: true, special: false },
]
const variants: Record<string, object | undefined> = {
  'as published': undefined,
  'cased, accents kept': { clean_text: true, handle_chinese_chars: true, strip_accents: null, lowercase: false },
  'lower-cased, accents kept': { clean_text: true, handle_chinese_chars: false, strip_accents: false, lowercase: true },
  'accents off, nothing else': { clean_text: false, handle_chinese_chars: true, strip_accents: true, lowercase: false },
}

describe.skipIf(!existsSync(home))('against the reference library (needs ../shared/tokenizers)', () => {
  for (const [name, normalizer] of Object.entries(variants)) {
    it(`gives the same encodings: ${name}`, { timeout: 3_600_000 }, async () => {
      const json = JSON.parse(readFileSync(new URL('electra/tokenizer.json', home), 'utf8'))
      if (normalizer !== undefined) {
        json.normalizer = { type: 'BertNormalizer', ...normalizer }
        json.added_tokens.push(...added)
      }
      const text = JSON.stringify(json)
      const ours = Tokenizer.fromFiles({ 'tokenizer.json': text })
      const theirs = Reference.fromString(text)
      const random = randomNumbers(name.length)
      const texts = Array.from({ length: Math.ceil(count / 4) }, () => randomText(random))
      for (const text of texts) {
        const expected = await theirs.encode(text)
        const actual = ours.encode(text)
        const shown = JSON.stringify(text)
        expect(actual.tokens, shown).toEqual(expected.getTokens())
        expect([...actual.ids], shown).toEqual(expected.getIds())
        expect(toCodePoints(text, actual.offsets), shown).toEqual(expected.getOffsets())
        expect(actual.wordIds, shown).toEqual(expected.getWordIds().map((word) => word ?? null))
        expect([...ours.encodeIds(text)], shown).toEqual(expected.getIds().slice(1, -1))
        for (const skipSpecialTokens of [false, true]) {
          const decoded = await theirs.decode(expected.getIds(), skipSpecialTokens)
          expect(ours.decode(actual.ids, { skipSpecialTokens }), shown).toBe(decoded)
        }
      }
    })
  }
})
