// Byte-pair encoding against the reference library (the npm package `tokenizers`, Rust): ids, tokens, offsets, types,
// word ids and decoded text of random and hostile strings must be the same. BERTKIN_FUZZ=100000 runs more of them.
import { existsSync, readFileSync } from 'node:fs'
import { Tokenizer as Reference } from 'tokenizers'
import { describe, expect, it } from 'vitest'
import { hostileText, type Random, randomNumbers, toCodePoints } from './testing/hostileText.js'
import { Tokenizer } from './tokenizer.js'

const home = new URL('../../../shared/tokenizers/', import.meta.url)
const count = Number(process.env.BERTKIN_FUZZ ?? 300)
const read = (name: string): string => readFileSync(new URL(name, home), 'utf8')
const LONG = 3_600_000

type Fields = Record<string, unknown>

interface Comparison {
  /** Compare offsets too; some settings make the reference's wrong. Default true. */
  offsets?: boolean
  count?: number
}

async function compare(name: string, ours: Tokenizer, json: string, own: string[], options: Comparison = {}) {
  const theirs = Reference.fromString(json)
  const random = randomNumbers(name.length)
  const text = (): string => hostileText(random, own)
  for (let i = 0; i < (options.count ?? count); i++) {
    const [first, second] = [text(), random(4) === 0 ? text() : undefined]
    await compareOne(ours, theirs, first, second, options.offsets ?? true)
    await compareDecoding(ours, theirs, random)
  }
}

async function compareOne(
  ours: Tokenizer,
  theirs: Reference,
  text: string,
  pair: string | undefined,
  offsets: boolean,
): Promise<void> {
  const expected = await theirs.encode(text, pair ?? null)
  const actual = ours.encode(text, pair === undefined ? {} : { pair })
  const shown = JSON.stringify([text, pair])
  expect(actual.tokens, shown).toEqual(expected.getTokens())
  expect([...actual.ids], shown).toEqual(expected.getIds())
  expect([...actual.typeIds], shown).toEqual(expected.getTypeIds())
  expect(actual.wordIds, shown).toEqual(expected.getWordIds().map((word) => word ?? null))
  const plain = await theirs.encode(text, null, { addSpecialTokens: false })
  expect([...ours.encodeIds(text)], shown).toEqual(plain.getIds())
  for (const skipSpecialTokens of [false, true]) {
    const decoded = await theirs.decode(expected.getIds(), skipSpecialTokens)
    expect(ours.decode(actual.ids, { skipSpecialTokens }), shown).toBe(decoded)
  }
  if (!offsets) return
  const own = toCodePoints(text, actual.offsets)
  const others = toCodePoints(pair ?? '', actual.offsets)
  const points = actual.sequenceIds.map((sequence, i) => (sequence === 1 ? others[i] : own[i]))
  expect(points, shown).toEqual(expected.getOffsets())
}

/** Any ids at all, most of which make no sound text together. */
async function compareDecoding(ours: Tokenizer, theirs: Reference, random: Random): Promise<void> {
  const ids = Array.from({ length: random(12) }, () => random(ours.vocabSize))
  expect(ours.decode(ids), JSON.stringify(ids)).toBe(await theirs.decode(ids, false))
}

const ROBERTA_OWN = ['<s>', '</s>', '<pad>', '<unk>', '<mask>', ' <mask> ', '\n<mask>', '  <mask', '<MASK>', '</s></s>']
const ADDED_OWN = ['<ADD>', '  <ADD>', 'wordly', 'xwordly ', ' wordly \n', '<norm>', '\u3000<norm>\t', 'é!', 'Ġq ']
const added = [
  { content: '<ADD>', single_word: false, lstrip: true, rstrip: false, normalized: false, special: true },
  { content: 'wordly', single_word: true, lstrip: false, rstrip: true, normalized: false, special: false },
  { content: '<norm>', single_word: false, lstrip: true, rstrip: true, normalized: true, special: false },
  { content: 'é!', single_word: false, lstrip: false, rstrip: false, normalized: true, special: false },
  { content: 'Ġq ', single_word: false, lstrip: false, rstrip: false, normalized: false, special: true },
]
const byteLevel = (settings: Fields): Fields => ({
  type: 'ByteLevel',
  add_prefix_space: false,
  trim_offsets: true,
  use_regex: true,
  ...settings,
})
const roberta = (settings: Fields): Fields => ({
  type: 'RobertaProcessing',
  sep: ['</s>', 2],
  cls: ['<s>', 0],
  trim_offsets: true,
  add_prefix_space: false,
  ...settings,
})
const template: Fields = {
  type: 'TemplateProcessing',
  single: [{ SpecialToken: { id: '<s>', type_id: 0 } }, { Sequence: { id: 'A', type_id: 0 } }],
  pair: [
    { Sequence: { id: 'A', type_id: 0 } },
    { SpecialToken: { id: '</s>', type_id: 1 } },
    { Sequence: { id: 'B', type_id: 1 } },
  ],
  special_tokens: {
    '<s>': { id: '<s>', ids: [0], tokens: ['<s>'] },
    '</s>': { id: '</s>', ids: [2], tokens: ['</s>'] },
  },
}

/** Changes to RoBERTa's own tokenizer.json. */
const variants: Record<string, Fields> = {
  'as published': {},
  'a space before the text': {
    pre_tokenizer: byteLevel({ add_prefix_space: true }),
    post_processor: roberta({ add_prefix_space: true }),
  },
  'a space before the text that offsets do not know of': { pre_tokenizer: byteLevel({ add_prefix_space: true }) },
  'offsets as they are': { post_processor: roberta({ trim_offsets: false }) },
  'a template': { post_processor: template, decoder: null },
  'trimmed offsets and a template': {
    post_processor: { type: 'Sequence', processors: [byteLevel({ add_prefix_space: true }), template] },
  },
  'trimmed offsets and no special tokens': { post_processor: byteLevel({}) },
  'one word': { pre_tokenizer: byteLevel({ use_regex: false }) },
  'one word after a space': { pre_tokenizer: byteLevel({ use_regex: false, add_prefix_space: true }) },
}

interface BytePairJson {
  added_tokens: { id: number; content: string }[]
  model: { vocab: Record<string, number>; merges: [string, string][] }
}

/** The first merges only, ids anew, and more added tokens: the variants are not about the model, and load sooner so. */
function shortened({ added_tokens, model }: BytePairJson): void {
  model.merges = model.merges.slice(0, 4000)
  const made = new Set(model.merges.map(([first, second]) => first + second))
  const tokens = Object.keys(model.vocab).sort((a, b) => model.vocab[a]! - model.vocab[b]!)
  const kept = tokens.filter((token) => token.length === 1 || /^<.+>$/.test(token) || made.has(token))
  model.vocab = Object.fromEntries(kept.map((token, id) => [token, id]))
  for (const token of added_tokens) token.id = model.vocab[token.content] ?? -1
  for (const [i, token] of added.entries()) added_tokens.push({ ...token, id: kept.length + i })
}

describe.skipIf(!existsSync(home))('against the reference library (needs ../shared/tokenizers)', () => {
  const names = Object.keys(variants)

  it.each(names)('RoBERTa: %s', { timeout: LONG }, async (name) => {
    const json = { ...JSON.parse(read('roberta/tokenizer.json')), ...variants[name] }
    const changed = name !== 'as published'
    if (changed) shortened(json)
    const text = JSON.stringify(json)
    const ours = Tokenizer.fromFiles({ 'tokenizer.json': text })
    const own = changed ? [...ROBERTA_OWN, ...ADDED_OWN] : ROBERTA_OWN
    await compare(name, ours, text, own, { count: changed ? Math.ceil(count / 5) : count })
  })

  it('RoBERTa from vocab.json and merges.txt', { timeout: LONG }, async () => {
    const files = { 'vocab.json': read('roberta/vocab.json'), 'merges.txt': read('roberta/merges.txt') }
    const ours = Tokenizer.fromFiles(files)
    await compare('files', ours, read('roberta/tokenizer.json'), ROBERTA_OWN, { count: Math.ceil(count / 5) })
    const written = ours.toFiles()['tokenizer.json'] ?? ''
    await compare('written', ours, written, ROBERTA_OWN, { count: Math.ceil(count / 10) })
  })
})

const LETTERS = ['a', 'b', 'c', 'é', '字', '😀', ' ', '.', '\ufffd']

/** A small vocabulary of all the letters' forms with merges at random, so that ranks say nothing about lengths. */
function randomModel(random: Random, settings: Fields): Fields {
  const prefix = String(settings.continuing_subword_prefix ?? '')
  const suffix = String(settings.end_of_word_suffix ?? '')
  const forms = LETTERS.flatMap((letter) =>
    ['', prefix].flatMap((before) => [before + letter, before + letter + suffix]),
  )
  const vocab = new Map([...new Set(['<unk>', ...forms])].map((token, id) => [token, id]))
  const merges: [string, string][] = []
  for (let i = 0; i < 60; i++) {
    const tokens = [...vocab.keys()].filter((token) => token !== '<unk>')
    const continuing = tokens.filter((token) => token.startsWith(prefix))
    const [first, second] = [tokens[random(tokens.length)]!, continuing[random(continuing.length)]!]
    const result = first + second.slice(prefix.length)
    if (result.length > 24) continue
    if (!vocab.has(result)) vocab.set(result, vocab.size)
    merges.push([first, second])
  }
  for (const byte of ['20', 'F0', '9F', '98', '82', 'C3', 'AF', '78']) vocab.set(`<0x${byte}>`, vocab.size)
  return { type: 'BPE', dropout: null, ...settings, vocab: Object.fromEntries(vocab), merges }
}

const models: Record<string, Fields> = {
  'unknown tokens': { unk_token: '<unk>' },
  'unknown tokens fused': { unk_token: '<unk>', fuse_unk: true },
  'bytes for what is unknown': { unk_token: '<unk>', byte_fallback: true },
  'bytes, and unknown tokens fused': { unk_token: '<unk>', byte_fallback: true, fuse_unk: true },
  'nothing for what is unknown': {},
  'words that are tokens': { unk_token: '<unk>', ignore_merges: true },
  'a prefix': { unk_token: '<unk>', continuing_subword_prefix: '##' },
  'a suffix': { unk_token: '<unk>', end_of_word_suffix: '</w>' },
  'a prefix and a suffix': {
    unk_token: '<unk>',
    continuing_subword_prefix: '@',
    end_of_word_suffix: '_',
    fuse_unk: true,
  },
}

describe('small vocabularies against the reference library', () => {
  it.each(Object.keys(models))('%s', { timeout: LONG }, async (name) => {
    const settings = models[name]!
    // Without an unknown token, or with bytes for one, the reference loses its place in the word.
    const offsets = settings.unk_token !== undefined && settings.byte_fallback !== true
    const random = randomNumbers(name.length)
    const own = [
      'aabbcab',
      'abc',
      'a b',
      '😀😀字',
      'ccccaabbabcabcbbabacaabbabcabcabcaabbabacabcabacbabcabab',
      'xyz',
      '😂',
    ]
    for (let round = 0; round < 10; round++) {
      const json = {
        version: '1.0',
        added_tokens: [],
        pre_tokenizer: round % 2 === 0 ? { type: 'BertPreTokenizer' } : null,
        decoder: round % 3 === 0 ? { type: 'BPEDecoder', suffix: settings.end_of_word_suffix ?? '</w>' } : null,
        model: randomModel(random, settings),
      }
      const text = JSON.stringify(json)
      const ours = Tokenizer.fromFiles({ 'tokenizer.json': text })
      await compare(`${name}${round}`, ours, text, own, { offsets, count: Math.ceil(count / 100) })
    }
  })
})
