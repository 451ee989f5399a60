// Normalizers against the reference library, with tables of replacements so small that the tests need no downloads.
import { Tokenizer as Reference } from 'tokenizers'
import { expect, it } from 'vitest'
import { toBase64 } from './charsmap.js'
import { tinyCharsmap } from './testing/charsmap.js'
import { hostileText, randomNumbers, toCodePoints } from './testing/hostileText.js'
import { Tokenizer } from './tokenizer.js'

type Fields = Record<string, unknown>

/** A tokenizer that shows normalised text: each known letter is a token, what lies between is unknown. */
function tokenizerJson(normalizer: Fields): string {
  const letters = ['<unk>', 'Z', 'a', 'b', '\u0301', ' ', 'e', 'é', '\uac00', '\u1100', 'Y']
  return JSON.stringify({
    version: '1.0',
    added_tokens: [],
    normalizer,
    model: { type: 'Unigram', unk_id: 0, vocab: letters.map((letter) => [letter, -1]), byte_fallback: false },
  })
}

async function compare(json: string, texts: Iterable<string>): Promise<void> {
  const ours = Tokenizer.fromFiles({ 'tokenizer.json': json })
  const theirs = Reference.fromString(json)
  for (const text of texts) {
    const expected = await theirs.encode(text)
    const actual = ours.encode(text)
    const seen = [actual.tokens, toCodePoints(text, actual.offsets)]
    expect(JSON.stringify(seen), JSON.stringify(text)).toBe(
      JSON.stringify([expected.getTokens(), expected.getOffsets()]),
    )
  }
}

const charsmap = (map: ReadonlyMap<number, string>): Fields => ({
  type: 'Precompiled',
  precompiled_charsmap: toBase64(tinyCharsmap(map)),
})
const everyByte = (text: string): Map<number, string> =>
  new Map(Array.from({ length: 255 }, (_, i) => [i + 1, text] as const))

it('finds the reference’s grapheme clusters, whatever stands beside what', async () => {
  // Each cluster of less than six bytes becomes one Z, any other one for each character: so the cuts can be seen.
  const json = tokenizerJson(charsmap(everyByte('Z')))
  const kinds = [
    ...['a', '\r', '\n', '\u0001', '\u00ad', '\u0301', '\u200d', '\u200c', '\u093e', '\u0600', '\u06dd', '🇫'],
    ...['©', '👩', '\u0915', '\u094d', '\u1100', '\u1161', '\u11a8', '가', '각', '\u{16d63}', '\u1b44', '\u{e0061}'],
  ]
  function* texts(): Generator<string> {
    for (const a of kinds) for (const b of kinds) for (const c of kinds) yield `${a}${b}${c}\u0301`
    const random = randomNumbers(1)
    for (let i = 0; i < 3000; i++) {
      yield Array.from({ length: 3 + random(12) }, () => kinds[random(kinds.length)]!).join('')
    }
    for (let i = 0; i < 300; i++) yield hostileText(random, kinds)
  }
  await compare(json, texts())
})

const sequence = (...normalizers: Fields[]): Fields => ({ type: 'Sequence', normalizers })
const replace = (pattern: Fields, content: string): Fields => ({ type: 'Replace', pattern, content })

it.each<[name: string, normalizer: Fields]>([
  [
    'characters that vanish',
    charsmap(
      new Map([
        [0x62, ''],
        [0x01, ''],
        [0xcc, ''],
      ]),
    ),
  ],
  [
    'characters that vanish and grow',
    charsmap(
      new Map([
        [0x62, ''],
        [0x61, 'aéY'],
        [0xcc, ''],
      ]),
    ),
  ],
  ['marks that come from letters', sequence(charsmap(new Map([[0x62, '\u0301']])), { type: 'NFC' })],
  ['joiners that come from letters', sequence(charsmap(new Map([[0x62, '\u0600']])), charsmap(everyByte('Y')))],
  [
    'replacements that meet what composes',
    sequence({ type: 'NFC' }, replace({ Regex: '[^a-z]{2,}' }, 'Y'), replace({ String: 'ab' }, 'e')),
  ],
  ['overlapping texts', sequence(replace({ String: 'aba' }, 'b'), replace({ String: 'bb' }, ''), { type: 'NFKD' })],
  ['nested', sequence(sequence({ type: 'NFD' }, sequence({ type: 'StripAccents' })), { type: 'Lowercase' })],
])('%s', async (_, normalizer) => {
  const random = randomNumbers(3)
  const own = [
    'a',
    'b',
    'aba',
    'abababa',
    'bb',
    '\u0301',
    '\u0001',
    'e\u0301',
    'é',
    '\u1100\u1161',
    'b\u0301\u0323',
    'İ',
  ]
  const texts = Array.from({ length: 1500 }, (_, i) =>
    i % 3 === 0
      ? hostileText(random, own)
      : Array.from({ length: 1 + random(9) }, () => own[random(own.length)]!).join(''),
  )
  await compare(tokenizerJson(normalizer), texts)
}) // prettier-ignore
