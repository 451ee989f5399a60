import { describe, expect, it } from 'vitest'
import { toBase64 } from './charsmap.js'
import { TokenizerError } from './error.js'
import { tinyCharsmap } from './testing/charsmap.js'
import { Tokenizer } from './tokenizer.js'

// ── a spiece.model, written by hand ─────────────────────────────────────────────────────────────────────────────────

function varint(value: number): number[] {
  const bytes: number[] = []
  for (let rest = value; ; rest = Math.floor(rest / 128)) {
    if (rest < 128) return [...bytes, rest]
    bytes.push((rest % 128) | 128)
  }
}

const number = (field: number, value: number): number[] => [...varint(field * 8), ...varint(value)]
const message = (field: number, bytes: readonly number[]): number[] => [
  ...varint(field * 8 + 2),
  ...varint(bytes.length),
  ...bytes,
]
const float = (field: number, value: number): number[] => [
  ...varint(field * 8 + 5),
  ...new Uint8Array(Float32Array.of(value).buffer),
]
const utf8 = (text: string): number[] => [...new TextEncoder().encode(text)]

type Piece = readonly [piece: string, score: number, type: number]

const piece = ([text, score, type]: Piece): number[] =>
  message(1, [...message(1, utf8(text)), ...float(2, score), ...number(3, type)])

const PIECES: readonly Piece[] = [
  ['<pad>', 0, 3],
  ['<unk>', 0, 2],
  ['[CLS]', 0, 3],
  ['[SEP]', 0, 3],
  ['[MASK]', 0, 3],
  ['.', 0, 4],
  ['▁', -2, 1],
  ['▁the', -3, 1],
  ['▁The', -3, 1],
  ['é', -4, 1],
  ['e', -4, 1],
  ['▁1,', -1, 1],
  ['▁1', -5, 1],
  [',', -5, 1],
]
const trainer = (...settings: number[][]): number[] => message(2, settings.flat())
const modelOf = (pieces: readonly Piece[], ...further: number[][]): Uint8Array =>
  Uint8Array.from([...pieces.flatMap(piece), ...trainer(number(3, 1), number(40, 1)), ...further.flat()])
const MODEL = modelOf(PIECES)

const tokensOf = (config: object, text: string): string[] =>
  Tokenizer.fromFiles({ 'spiece.model': MODEL, 'tokenizer_config.json': JSON.stringify(config) }).encode(text, {
    addSpecialTokens: false,
  }).tokens

describe('spiece.model', () => {
  it('gives ALBERT’s tokenizer', () => {
    const tokenizer = Tokenizer.fromFiles({ 'spiece.model': MODEL })
    const { tokens, ids, typeIds, offsets } = tokenizer.encode('Thé [MASK] the.', { pair: 'the' })
    expect(tokens).toEqual(['[CLS]', '▁the', ' [MASK]', '▁the', '.', '[SEP]', '▁the', '[SEP]'])
    expect([...ids]).toEqual([2, 7, 4, 7, 5, 3, 7, 3])
    expect([...typeIds]).toEqual([0, 0, 0, 0, 0, 0, 1, 1])
    expect(offsets[2]).toEqual([3, 10])
    expect(tokenizer.decode(ids)).toBe('[CLS] the[MASK] the.[SEP] the[SEP]')
    expect(tokenizer.decode(ids, { skipSpecialTokens: true })).toBe('the the. the')
    expect(tokenizer.specialTokens.mask).toEqual({ token: '[MASK]', id: 4 })
  })

  it('cuts a comma off a digit, and makes no added tokens of user-defined symbols', () => {
    expect(tokensOf({}, '1, the.the')).toEqual(['▁1', ',', '▁the', '.', 'th', 'e'])
  })

  it('obeys tokenizer_config.json', () => {
    expect(tokensOf({}, 'The é')).toEqual(['▁the', '▁', 'e'])
    expect(tokensOf({ do_lower_case: false }, 'The é')).toEqual(['▁The', '▁', 'e'])
    expect(tokensOf({ keep_accents: true }, 'The é')).toEqual(['▁the', '▁', 'é'])
    const mask = { content: '[MASK]', lstrip: false }
    expect(tokensOf({ mask_token: mask }, 'the [MASK]')).toEqual(['▁the', '[MASK]'])
    expect(tokensOf({ mask_token: '[MASK]' }, 'the [MASK]')).toEqual(['▁the', ' [MASK]'])
    expect(() => tokensOf({ do_lower_case: 'no' }, '')).toThrow(TokenizerError)
  })

  it('comes back from what is written', () => {
    const tokenizer = Tokenizer.fromFiles({
      'spiece.model': modelOf(PIECES, message(3, message(2, [...tinyCharsmap(new Map([[0x62, 'the']]))]))),
      'tokenizer_config.json': '{"model_max_length": 128, "do_lower_case": false}',
    })
    const text = ' The 1, b[MASK]`` xé'
    const files = tokenizer.toFiles()
    const again = Tokenizer.fromFiles(files)
    expect(again.encode(text).tokens).toEqual(tokenizer.encode(text).tokens)
    expect(again.toFiles()).toEqual(files)
    expect(again.modelMaxLength).toBe(128)
    expect(tokenizer.encode('b', { addSpecialTokens: false }).tokens).toEqual(['▁the'])
  })

  const bad: [name: string, bytes: Uint8Array | string, code: string][] = [
    ['nothing', new Uint8Array(0), 'tokenizer-malformed'],
    ['text', '{}', 'tokenizer-malformed'],
    ['another file', new TextEncoder().encode('<!DOCTYPE html><title>404</title>'), 'tokenizer-malformed'],
    ['a cut', MODEL.subarray(0, MODEL.length - 3), 'tokenizer-malformed'],
    ['a length beyond the end', Uint8Array.from([0x0a, 0xff, 0xff, 0xff, 0xff, 0x07, 0x0a]), 'tokenizer-malformed'],
    ['a length below 0', Uint8Array.from([0x0a, 0xff, 0xff, 0xff, 0xff, 0x0f]), 'tokenizer-malformed'],
    ['a number without end', new Uint8Array(99).fill(0xff), 'tokenizer-malformed'],
    ['groups', Uint8Array.from([0x0b, 0x0b, 0x0c]), 'tokenizer-malformed'],
    ['a piece that is a number', Uint8Array.from(number(1, 5)), 'tokenizer-malformed'],
    ['a piece without text', Uint8Array.from(message(1, float(2, 0))), 'tokenizer-malformed'],
    ['a piece that is not UTF-8', Uint8Array.from(message(1, message(1, [0xff]))), 'tokenizer-malformed'],
    ['a score that is none', modelOf([['a', Number.NaN, 1]]), 'tokenizer-malformed'],
    ['an unknown token beyond the pieces', modelOf(PIECES.slice(0, 1)), 'tokenizer-malformed'],
    ['byte-pair encoding', Uint8Array.from([...piece(['a', 0, 2]), ...trainer(number(3, 2))]), 'tokenizer-unsupported'],
    ['a damaged table', modelOf(PIECES, message(3, message(2, [9, 0, 0, 0, 1]))), 'tokenizer-malformed'],
  ]

  it.each(bad)('is refused with a typed error of one line: %s', (_, bytes, code) => {
    expectError(() => Tokenizer.fromFiles({ 'spiece.model': bytes }), code)
  })
})

function expectError(action: () => unknown, code: string): void {
  let caught: unknown
  try {
    action()
  } catch (error) {
    caught = error
  }
  expect(caught).toBeInstanceOf(TokenizerError)
  if (!(caught instanceof TokenizerError)) return
  expect(caught.code).toBe(code)
  expect(caught.message).not.toContain('\n')
  expect(caught.message.length).toBeLessThan(300)
}

// ── tokenizer.json ──────────────────────────────────────────────────────────────────────────────────────────────────

const MODEL_JSON = {
  type: 'Unigram',
  unk_id: 0,
  vocab: [
    ['<unk>', 0],
    ['▁a', -1],
    ['b', -2],
  ],
} // prettier-ignore
const fromJson = (json: object): Tokenizer =>
  Tokenizer.fromFiles({ 'tokenizer.json': JSON.stringify({ model: MODEL_JSON, ...json }) })
const nested = (key: string, depth: number): object =>
  depth === 0 ? { type: 'NFC' } : { type: 'Sequence', [key]: [nested(key, depth - 1)] }

describe('a tokenizer.json of a Unigram model', () => {
  const cases: [name: string, json: object, code: string][] = [
    ['a vocabulary of another shape', { model: { ...MODEL_JSON, vocab: { a: 1 } } }, 'tokenizer-malformed'],
    ['a score of text', { model: { ...MODEL_JSON, vocab: [['a', '1']] } }, 'tokenizer-malformed'],
    ['a token without score', { model: { ...MODEL_JSON, vocab: [['a']] } }, 'tokenizer-malformed'],
    ['an unknown token beyond the vocabulary', { model: { ...MODEL_JSON, unk_id: 3 } }, 'tokenizer-malformed'],
    ['another normalizer', { normalizer: { type: 'Uppercase' } }, 'tokenizer-unsupported'],
    ['a table of text', { normalizer: { type: 'Precompiled', precompiled_charsmap: '%' } }, 'tokenizer-malformed'],
    ['an empty table', { normalizer: { type: 'Precompiled', precompiled_charsmap: '' } }, 'tokenizer-malformed'],
    ['sequences in sequences', { normalizer: nested('normalizers', 99) }, 'tokenizer-malformed'],
    ['pre-tokenizers in each other', { pre_tokenizer: nested('pretokenizers', 99) }, 'tokenizer-malformed'],
    ['a strip without sides', { normalizer: { type: 'Strip' } }, 'tokenizer-malformed'],
    ['an empty replacement', replacement({ String: '' }), 'tokenizer-unsupported'],
    ['nothing to replace', replacement({}), 'tokenizer-malformed'],
    ['no character for spaces', { pre_tokenizer: { type: 'Metaspace' } }, 'tokenizer-malformed'],
    ['two characters for spaces', { decoder: { type: 'Metaspace', replacement: '▁▁' } }, 'tokenizer-malformed'],
    [
      'spaces sometimes',
      { decoder: { type: 'Metaspace', replacement: '▁', prepend_scheme: 'x' } },
      'tokenizer-malformed',
    ],
  ]

  it.each(cases)('is refused with a typed error of one line: %s', (_, json, code) => {
    expectError(() => fromJson(json), code)
  })

  // The first of these would take for ever on some texts; none is of the one form that is built.
  it.each([
    '(a+)+b',
    'a*',
    'a?',
    'a+b',
    '[[a]b]',
    '[a&&b]',
    '\\p{L}',
    'a{0,3}',
    'a{3,2}',
    '.',
    '^a',
    'a|b',
    '(?i)a',
    '\\1',
    'a++',
  ])('is refused with the regular expression %s', (Regex) =>
    expectError(() => fromJson(replacement({ Regex })), 'tokenizer-unsupported'),
  )

  it('is refused when a table turns out to be damaged', () => {
    const bytes = tinyCharsmap(new Map([[0x61, 'b']]))
    const view = new DataView(bytes.buffer)
    const json = (): object => ({ normalizer: { type: 'Precompiled', precompiled_charsmap: toBase64(bytes) } })
    view.setUint32(4 + 4 * (256 ^ 0x61 ^ 1024), 0x80000000 | 999, true)
    expectError(() => fromJson(json()).encode('a'), 'tokenizer-malformed')
    view.setUint32(4, 0x3fffffff << 10, true)
    expectError(() => fromJson(json()).encode('a'), 'tokenizer-malformed')
  })

  it('says so when nothing covers a text, each time', () => {
    const tokenizer = fromJson({ model: { type: 'Unigram', unk_id: null, vocab: [['a', -1]] } })
    expect(tokenizer.encode('aa').tokens).toEqual(['a', 'a'])
    for (let i = 0; i < 2; i++) expectError(() => tokenizer.encode('ab'), 'tokenizer-malformed')
  })

  it('shows what unknown tokens stand for, in windows too', () => {
    const tokenizer = fromJson({ pre_tokenizer: { type: 'WhitespaceSplit' } })
    const encoding = tokenizer.encode('x b 字 y😀z', { truncation: { maxLength: 2, stride: 1 } })
    expect([encoding, ...encoding.overflowing].map((window) => window.tokens)).toEqual([
      ['x', 'b'],
      ['b', '字'],
      ['字', 'y😀z'],
    ])
    expect(tokenizer.decode(encoding.ids)).toBe('<unk> b')
  })

  it('reads the files of before version 0.15, whose Metaspace has add_prefix_space', () => {
    const tokens = (add_prefix_space: boolean): string[] => {
      const step = { type: 'Metaspace', replacement: '▁', add_prefix_space }
      return fromJson({ pre_tokenizer: step, decoder: step }).encode('a a').tokens
    }
    expect(tokens(true)).toEqual(['▁a', '▁a'])
    expect(tokens(false)).toEqual(['a', '▁a'])
  })

  it('takes millions of characters without a space', () => {
    const tokenizer = fromJson({
      normalizer: { type: 'Sequence', normalizers: [{ type: 'NFKD' }, { type: 'StripAccents' }] },
      pre_tokenizer: { type: 'Metaspace', replacement: '▁', prepend_scheme: 'always', split: false },
    })
    expect(tokenizer.encode('b'.repeat(2e6)).length).toBe(2e6 + 1)
    expect(tokenizer.encode('e\u0301'.repeat(1e6)).length).toBe(1)
    expect(tokenizer.encode('\u0301\u0323'.repeat(1e6)).length).toBe(0)
  })
})

function replacement(pattern: object): object {
  return { normalizer: { type: 'Replace', pattern, content: 'b' } }
}
