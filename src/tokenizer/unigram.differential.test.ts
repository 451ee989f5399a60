// Unigram against the reference library (the npm package `tokenizers`, Rust): ids, tokens, offsets, types, word ids and
// decoded text of random and hostile strings must be the same. BERTKIN_FUZZ=100000 runs more of them.
//
// One known difference: the reference decodes an added token that is looked for in normalised text as its normal form
// since 0.23 ("Ｑ" as "q"), before that as what it is called. Here it keeps its name, as in 0.22, whose numbers the
// recordings hold: a token that a user adds comes back as it was added.
import { existsSync, readFileSync } from 'node:fs'
import { Tokenizer as Reference } from 'tokenizers'
import { describe, expect, it } from 'vitest'
import { hostileText, type Random, randomNumbers, toCodePoints } from './testing/hostileText.js'
import { Tokenizer } from './tokenizer.js'

const home = new URL('../../../shared/tokenizers/albert/', import.meta.url)
const count = Number(process.env.BERTKIN_FUZZ ?? 300)
const LONG = 3_600_000

type Fields = Record<string, unknown>

async function compare(seed: string, ours: Tokenizer, json: string, own: readonly string[], times: number) {
  const theirs = Reference.fromString(json)
  const random = randomNumbers([...seed].reduce((sum, letter) => sum * 31 + letter.charCodeAt(0), 7))
  for (let i = 0; i < times; i++) {
    const text = hostileText(random, own)
    const pair = random(4) === 0 ? hostileText(random, own) : undefined
    await compareOne(ours, theirs, text, pair)
    const any = Array.from({ length: random(12) }, () => random(ours.vocabSize))
    const ids = any.filter((id) => !renamed(ours, id))
    expect(ours.decode(ids), JSON.stringify(ids)).toBe(await theirs.decode(ids, false))
  }
}

async function compareOne(ours: Tokenizer, theirs: Reference, text: string, pair: string | undefined): Promise<void> {
  const expected = await theirs.encode(text, pair ?? null)
  const actual = ours.encode(text, pair === undefined ? {} : { pair })
  const own = toCodePoints(text, actual.offsets)
  const others = toCodePoints(pair ?? '', actual.offsets)
  const same =
    equal(actual.ids, expected.getIds()) &&
    equal(actual.tokens.map(wellFormed), expected.getTokens()) &&
    equal(actual.typeIds, expected.getTypeIds()) &&
    equal(actual.wordIds, expected.getWordIds()) &&
    actual.sequenceIds.every((sequence, i) => equal((sequence === 1 ? others : own)[i]!, expected.getOffsets()[i]!))
  if (!same) {
    const shown = JSON.stringify([text, pair])
    expect(actual.tokens.map(wellFormed), shown).toEqual(expected.getTokens())
    expect([...actual.ids], shown).toEqual(expected.getIds())
    expect([...actual.typeIds], shown).toEqual(expected.getTypeIds())
    expect(actual.wordIds, shown).toEqual(expected.getWordIds().map((word) => word ?? null))
    const points = actual.sequenceIds.map((sequence, i) => (sequence === 1 ? others[i] : own[i]))
    expect(points, shown).toEqual(expected.getOffsets())
  }
  const bare = await theirs.encode(text, null, { addSpecialTokens: false })
  expect(equal(ours.encodeIds(text), bare.getIds()), JSON.stringify(text)).toBe(true)
  if (actual.ids.some((id) => renamed(ours, id))) return
  for (const skipSpecialTokens of [false, true]) {
    const decoded = await theirs.decode(expected.getIds(), skipSpecialTokens)
    expect(ours.decode(actual.ids, { skipSpecialTokens }), JSON.stringify([text, pair])).toBe(decoded)
  }
}

/** Whether the reference gives the token another name; see above. */
function renamed(ours: Tokenizer, id: number): boolean {
  return ours.parts.addedTokens.some((token) => token.id === id && token.normalized)
}

/** Not `toEqual` for each: of 100,000 texts that would be most of the time. */
function equal(actual: ArrayLike<unknown>, expected: ArrayLike<unknown>): boolean {
  if (actual.length !== expected.length) return false
  for (let i = 0; i < actual.length; i++) if ((actual[i] ?? null) !== (expected[i] ?? null)) return false
  return true
}

/** The reference's texts hold no halves of surrogate pairs. */
function wellFormed(text: string): string {
  return text.replace(/[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g, '\ufffd')
}

/** Strange parts of texts, a kind a line: special tokens, quotes and numbers, compatibility forms, Hangul letters, … */
const OWN = [
  '[CLS]|[SEP]|[MASK]| [MASK] |\n[MASK]x|<unk>|<pad>|[cls]|[MASK|▁| ▁▁|a▁b|▁[SEP]▁',
  '``|`|```|"|--|2019,|9,000,| 1,|12|dog.|(a)|£5|x€y|–',
  "''|'|'''|`'",
  'ﬁ|ﬃ|½|Å|İ|ẞ|ΣΑΣ|ǆ|㍿|㌀|ｶﾞ|ﾊﾟ|ｱ|Ａ|＇＇|｀｀|\ufdfa|™|℡|⑴|ª',
  '\u1100\u1161|\u1100\u1161\u11a8|가|각\u11a8|\u1100\u0301|ᄀ가|\ua960\ud7b0\ud7cb|\u1161\u11a8\u0301',
  'e\u0301\u0323|\u0344|\u0340x|x\u0f73\u0f71|a\u05b0\u0591|\u0300\u0316|\u1e9b\u0323|o\u0302\u0323|S\u0323\u0307',
  'क्ष|क्\u0301|क\u0301|क्\u200dष|क\u093c\u0301|कि|க்ஷ|ก็|ำ\u0301|က္က\u0301|\u0b47\u0b3e|\u09c7\u09be',
  '👩‍🔬|👍🏽|©\u200d©\u0301|™️|❤️‍🔥|🇫🇷🇫|🇫\u0301|1️⃣|\u200d|a\u200d|\u200c\u0301|\u2060|\ufeff|\ufe0f|\u00ad',
  '\u0600a|\u06dd\u0301|\u070fx|\u0e33|\r\n|\r|\n\r|\u0001|\u0001\u0002|\u007f|\u0080|\u0085|\u2028|\u0000\u0001',
  '\u0001a|a\u0001\u0301|\u200b|\u200e|\u202e|שלום|مُحَمَّد|ﷺ|ﻻ|\u0622|\ud800|\udc00x|\ud83d|\ud83d\ud83d\udc69',
  `the| quick| Hello| World|aaaa| ooooo|hahahaha|lalala| international|ization|${'x'.repeat(200)}|${' '.repeat(40)}`,
].flatMap((line) => line.split('|'))
const ADDED_OWN = [
  '<ADD>',
  '  <ADD>',
  'wordly',
  'xwordly ',
  ' wordly \n',
  '<NORM>',
  '\u3000<norm>\t',
  'É!',
  'é!',
  'e!',
  'Ｑ',
]
const added = [
  { content: '<ADD>', single_word: false, lstrip: true, rstrip: false, normalized: false, special: true },
  { content: 'wordly', single_word: true, lstrip: false, rstrip: true, normalized: false, special: false },
  { content: '<norm>', single_word: false, lstrip: true, rstrip: true, normalized: true, special: false },
  { content: 'é!', single_word: false, lstrip: false, rstrip: false, normalized: true, special: false },
  { content: 'Ｑ', single_word: false, lstrip: false, rstrip: true, normalized: true, special: true },
]

const metaspace = (prepend_scheme: string, split = true): Fields => ({
  type: 'Metaspace',
  replacement: '▁',
  prepend_scheme,
  split,
})
const text = (from: string, content: string): Fields => ({ type: 'Replace', pattern: { String: from }, content })
const regex = (from: string, content: string): Fields => ({ type: 'Replace', pattern: { Regex: from }, content })
const bert = {
  type: 'BertNormalizer',
  clean_text: true,
  handle_chinese_chars: true,
  strip_accents: null,
  lowercase: true,
}

/** Normalizers in the place of ALBERT's; `charsmap` stands for its own Precompiled. */
const normalizers: Record<string, (charsmap: Fields) => Fields | null> = {
  none: () => null,
  charsmap: (charsmap) => charsmap,
  'charsmap, then canonical': (charsmap) => sequence(charsmap, { type: 'NFD' }, { type: 'StripAccents' }),
  'charsmap twice with regular expressions': (charsmap) =>
    sequence(
      regex('[a-cé\\n]', 'ab'),
      charsmap,
      regex(' {2,}', ' '),
      regex('[^ -~]{2,3}', '½'),
      charsmap,
      regex('o+', ''),
    ),
  NFC: () => sequence({ type: 'NFC' }),
  NFD: () => ({ type: 'NFD' }),
  NFKC: (charsmap) => sequence({ type: 'NFKC' }, charsmap, { type: 'Lowercase' }),
  NFKD: () => sequence({ type: 'NFKD' }, { type: 'NFC' }, { type: 'Lowercase' }),
  cleaning: () =>
    sequence({ type: 'Nmt' }, { type: 'NFKC' }, text('aa', 'b'), text("''", '\u0301'), regex('\\s+', ' ')),
  'ends of the text': (charsmap) =>
    sequence({ type: 'Strip', strip_left: true, strip_right: true }, charsmap, { type: 'Prepend', prepend: '▁é' }),
  'right end of the text': (charsmap) =>
    sequence(charsmap, { type: 'Strip', strip_left: false, strip_right: true }, sequence(text(' ', '▁'))),
  "BERT's among others": (charsmap) => sequence(text('``', '"'), bert, charsmap, { type: 'Lowercase' }),
}
function sequence(...steps: Fields[]): Fields {
  return { type: 'Sequence', normalizers: steps }
}

const preTokenizers: Record<string, Fields | null> = {
  none: null,
  'spaces first': metaspace('first'),
  'spaces never': metaspace('never'),
  'spaces always, one word': metaspace('always', false),
  'spaces first, one word': metaspace('first', false),
  'white space and words': { type: 'Whitespace' },
  'all of them': {
    type: 'Sequence',
    pretokenizers: [{ type: 'Whitespace' }, metaspace('first'), { type: 'BertPreTokenizer' }],
  },
  'white space, then spaces first': {
    type: 'Sequence',
    pretokenizers: [{ type: 'WhitespaceSplit' }, metaspace('first')],
  },
  'another character for spaces': { ...metaspace('always'), replacement: '😀' },
} // prettier-ignore

describe.skipIf(!existsSync(home))('against the reference library (needs ../shared/tokenizers)', () => {
  const published = (): string => readFileSync(new URL('tokenizer.json', home), 'utf8')

  it('ALBERT as published', { timeout: LONG }, async () => {
    const json = published()
    await compare('published', Tokenizer.fromFiles({ 'tokenizer.json': json }), json, OWN, count)
  })

  it('ALBERT from spiece.model, and as written again', { timeout: LONG }, async () => {
    const ours = Tokenizer.fromFiles({ 'spiece.model': readFileSync(new URL('spiece.model', home)) })
    await compare('spiece', ours, published(), OWN, Math.ceil(count / 5))
    const written = ours.toFiles()['tokenizer.json'] ?? ''
    await compare('written', ours, written, OWN, Math.ceil(count / 5))
  })

  const variant = async (name: string, changes: (json: ReturnType<typeof JSON.parse>) => void): Promise<void> => {
    const json = JSON.parse(published())
    // The variants are not about the model, and load sooner without most of it.
    json.model.vocab = json.model.vocab.slice(0, 4000)
    for (const [i, token] of added.entries()) json.added_tokens.push({ ...token, id: 4000 + i })
    changes(json)
    const changed = JSON.stringify(json)
    const ours = Tokenizer.fromFiles({ 'tokenizer.json': changed })
    await compare(name, ours, changed, [...OWN, ...ADDED_OWN], Math.ceil(count / 8))
  }

  it.each(Object.keys(normalizers))('normalizer: %s', { timeout: LONG }, async (name) => {
    await variant(name, (json) => {
      json.normalizer = normalizers[name]!(json.normalizer.normalizers[5])
    })
  })

  it.each(Object.keys(preTokenizers))('pre-tokenizer: %s', { timeout: LONG }, async (name) => {
    await variant(name, (json) => {
      json.pre_tokenizer = preTokenizers[name]
      json.decoder = preTokenizers[name]?.type === 'Metaspace' ? preTokenizers[name] : null
    })
  })
})

const LETTERS = ['a', 'b', 'é', '字', '😀', '▁', '.', '\u0301']

/** Few different scores, so that many ways to cut a word are equally good. */
function randomModel(random: Random, settings: Fields): Fields {
  const tokens = new Set(['<unk>', 'a', 'b', '▁'])
  for (let i = 0; i < 60; i++) {
    tokens.add(Array.from({ length: 1 + random(4) }, () => LETTERS[random(LETTERS.length - random(5))]).join(''))
  }
  for (const byte of ['F0', '9F', '98', '82', 'C3', 'A9', '2E']) tokens.add(`<0x${byte}>`)
  const scores = Array.from({ length: 4 }, () => -Math.fround(random(1000000) / 70000))
  const vocab = [...tokens].map((token) => [token, token.startsWith('<') ? 0 : scores[random(scores.length)]])
  return { type: 'Unigram', unk_id: 0, byte_fallback: false, ...settings, vocab }
}

describe('small vocabularies against the reference library', () => {
  const models: Record<string, Fields> = {
    'unknown tokens fused': {},
    'bytes for what is unknown': { byte_fallback: true },
  }

  it.each(Object.keys(models))('%s', { timeout: LONG }, async (name) => {
    const random = randomNumbers(name.length)
    const own = [
      'aabbab',
      'aaaaaa',
      'ab ab',
      '😀😀字',
      'babaababbabaab',
      '<unk>',
      'éa<unk>é',
      '😂',
      '😂😀',
      'é.é',
      'aéa',
      '▁a▁',
    ]
    for (let round = 0; round < 20; round++) {
      const json = JSON.stringify({
        version: '1.0',
        added_tokens: [],
        pre_tokenizer: round % 3 === 0 ? null : metaspace('always', round % 3 === 1),
        decoder: metaspace('always'),
        model: randomModel(random, models[name]!),
      })
      const ours = Tokenizer.fromFiles({ 'tokenizer.json': json })
      await compare(`${name}${round}`, ours, json, own, Math.ceil(count / 60))
    }
  })
})
