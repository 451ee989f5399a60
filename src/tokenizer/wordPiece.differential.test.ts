// Random and hostile strings against the reference library (the npm package `tokenizers`, Rust): ids, tokens, offsets,
// word ids and decoded text must be the same. BERTKIN_FUZZ=100000 runs more of them. Truncation is not compared here:
// the reference's 0.23 loses windows.
import { existsSync, readFileSync } from 'node:fs'
import { Tokenizer as Reference } from 'tokenizers'
import { describe, expect, it } from 'vitest'
import { hostileText, randomNumbers, toCodePoints } from './testing/hostileText.js'
import { Tokenizer } from './tokenizer.js'

const home = new URL('../../../shared/tokenizers/', import.meta.url)
const count = Number(process.env.BERTKIN_FUZZ ?? 2000)

/** What WordPiece and its added tokens make something of. */
const PIECES: readonly string[] = [
  ...['[CLS]', '[SEP]', '[MASK]', '[UNK]', '[PAD]', '[mask]', '[MASK', ' [MASK] '],
  ...['unaffable', 'électricité', 'ΣΊΣΥΦΟΣ', 'ﬁ', '##ing', 'b'.repeat(101), 'x\u302a\u302e\u0301', 'مرحبا'],
  ...['<ADD>', '<add>', ' <Norm> ', '<norm>', ' wordly ', 'xwordly ', '-wordly!', ' wordlyé '],
]

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
      const texts = Array.from({ length: Math.ceil(count / 4) }, () => hostileText(random, PIECES))
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
