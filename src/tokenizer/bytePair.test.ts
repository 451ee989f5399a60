import { describe, expect, it } from 'vitest'
import { BytePair, type BytePairOptions } from './bytePair.js'
import { TextBuffer } from './textBuffer.js'
import { TokenSink } from './tokenSink.js'
import { Vocabulary } from './vocabulary.js'

const TOKENS = ['<unk>', 'a', 'b', 'c', '😀', 'ab', 'bc', 'abc', 'aa', 'aaaa', '<0xC3>', '<0xA9>']
const MERGES: [string, string][] = [
  ['b', 'c'],
  ['a', 'b'],
  ['a', 'bc'],
  ['a', 'a'],
  ['aa', 'aa'],
]

function model(options: BytePairOptions = {}, tokens = TOKENS, merges = MERGES): BytePair {
  return new BytePair(
    new Vocabulary(
      tokens.map((token, id) => [token, id]),
      'test',
    ),
    merges,
    options,
  ) // prettier-ignore
}

/** Tokens with their places, as text. */
function cut(model: BytePair, text: string): string[] {
  const [buffer, sink] = [new TextBuffer(), new TokenSink()]
  buffer.pushString(text, 0, text.length)
  sink.reset(true)
  model.tokenize(buffer.units, 0, text.length, sink)
  return Array.from(sink.ids.subarray(0, sink.length), (id, i) => {
    return `${model.idToToken(id)} ${sink.begins[i]}-${sink.ends[i]}`
  })
}

describe('byte-pair encoding', () => {
  it('merges by rank, not by length, and from the left', () => {
    expect(cut(model(), 'abc')).toEqual(['abc 0-3'])
    expect(cut(model(), 'abab')).toEqual(['ab 0-2', 'ab 2-4'])
    expect(cut(model(), 'aaa')).toEqual(['aa 0-2', 'a 2-3'])
    expect(cut(model(), 'a😀b')).toEqual(['a 0-1', '😀 1-3', 'b 3-4'])
    expect(cut(model(), '')).toEqual([])
  })

  it('knows the last of two equal merges', () => {
    expect(
      cut(
        model({}, TOKENS, [
          ['a', 'b'],
          ['b', 'c'],
          ['a', 'b'],
        ]),
        'abc',
      ),
    ).toEqual(['a 0-1', 'bc 1-3']) // prettier-ignore
  })

  it('has something for unknown characters, once and from the cache', () => {
    const twice = (options: BytePairOptions, text: string): string[] => {
      const bytePair = model(options)
      const first = cut(bytePair, text)
      expect(cut(bytePair, text)).toEqual(first)
      return first
    }
    expect(twice({}, 'bxé😂a')).toEqual(['b 0-1', 'a 5-6'])
    expect(twice({}, 'axb')).toEqual(['ab 0-3'])
    expect(twice({ unkToken: '<unk>' }, 'axé')).toEqual(['a 0-1', '<unk> 1-2', '<unk> 2-3'])
    expect(twice({ unkToken: '<unk>', fuseUnk: true }, 'xya')).toEqual(['<unk> 0-2', 'a 2-3'])
    expect(twice({ unkToken: '<unk>', byteFallback: true }, 'éxa')).toEqual([
      '<0xC3> 0-1',
      '<0xA9> 0-1',
      '<unk> 1-2',
      'a 2-3',
    ]) // prettier-ignore
  })

  it('says what is missing when a text needs the unknown token, each time', () => {
    const without = model({ unkToken: '[UNK]' })
    expect(cut(without, 'abc')).toEqual(['abc 0-3'])
    for (let i = 0; i < 2; i++) expect(() => cut(without, 'x')).toThrow(/\[UNK\]/)
    expect(cut(without, 'ab')).toEqual(['ab 0-2'])
  })

  it('marks the inside and the end of words', () => {
    const tokens = ['a', '#a', '#a$', 'a$', 'aa$', '#aa$', 'aaa$']
    const merges: [string, string][] = [
      ['#a', '#a$'],
      ['a', '#aa$'],
    ]
    const marked = model({ continuingSubwordPrefix: '#', endOfWordSuffix: '$' }, tokens, merges)
    expect(cut(marked, 'aaa')).toEqual(['aaa$ 0-3'])
    expect(cut(marked, 'aaaa')).toEqual(['a 0-1', '#a 1-2', '#aa$ 2-4'])
    expect(cut(marked, 'a')).toEqual(['a$ 0-1'])
  })

  it('takes whole words first if merges are to be ignored', () => {
    const tokens = [...TOKENS, 'ca', 'cab']
    expect(cut(model({}, tokens), 'cab')).toEqual(['c 0-1', 'ab 1-3'])
    expect(cut(model({ ignoreMerges: true }, tokens), 'cab')).toEqual(['cab 0-3'])
    expect(cut(model({ ignoreMerges: true }, tokens), 'caab')).toEqual(['c 0-1', 'a 1-2', 'ab 2-4'])
  })

  it('takes time in proportion to a long word', () => {
    const length = 1_000_000
    const tokens = cut(model(), `${'a'.repeat(length)}c`)
    expect(tokens.length).toBe(length / 4 + 1)
    expect(tokens.at(-2)).toBe(`aaaa ${length - 4}-${length}`)
    expect(tokens.at(-1)).toBe(`c ${length}-${length + 1}`)
  })

  it('refuses merges whose tokens are not in the vocabulary', () => {
    expect(() => model({}, ['a', 'b'], [['a', 'b']])).toThrow(/"ab"/)
    expect(() => model({}, ['a', 'ab'], [['a', 'b']])).toThrow(/"b"/)
  })
})
