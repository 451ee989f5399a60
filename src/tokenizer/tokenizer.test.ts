import { describe, expect, it } from 'vitest'
import { smallTokenizer } from './fixture.js'
import { Tokenizer } from './tokenizer.js'

const tokenizer = smallTokenizer({ model_max_length: 512 })

describe('encode', () => {
  it('gives ids, tokens, masks, offsets and words', () => {
    const text = 'The cat, unaffable!'
    const encoding = tokenizer.encode(text)
    expect(encoding.tokens).toEqual(['[CLS]', 'the', 'cat', ',', 'un', '##aff', '##able', '!', '[SEP]'])
    expect(encoding.ids).toBeInstanceOf(Int32Array)
    expect([...encoding.ids].map((id) => tokenizer.idToToken(id))).toEqual(encoding.tokens)
    expect(encoding.offsets.map(([begin, end]) => text.slice(begin, end))).toEqual([
      '',
      'The',
      'cat',
      ',',
      'un',
      'aff',
      'able',
      '!',
      '',
    ]) // prettier-ignore
    expect(encoding.wordIds).toEqual([null, 0, 1, 2, 3, 3, 3, 4, null])
    expect(encoding.sequenceIds).toEqual([null, 0, 0, 0, 0, 0, 0, 0, null])
    expect([...encoding.specialTokensMask]).toEqual([1, 0, 0, 0, 0, 0, 0, 0, 1])
    expect([...encoding.attentionMask]).toEqual(Array(9).fill(1))
    expect(encoding.overflowing).toEqual([])
    expect(encoding.length).toBe(9)
  })

  it('gives the second text of a pair type 1 and offsets of its own', () => {
    const encoding = tokenizer.encode('the cat', { pair: 'sat' })
    expect(encoding.tokens).toEqual(['[CLS]', 'the', 'cat', '[SEP]', 'sat', '[SEP]'])
    expect([...encoding.typeIds]).toEqual([0, 0, 0, 0, 1, 1])
    expect(encoding.offsets[4]).toEqual([0, 3])
    expect(encoding.sequenceIds).toEqual([null, 0, 0, null, 1, null])
  })

  it('leaves special tokens out if asked', () => {
    expect(tokenizer.encode('the', { addSpecialTokens: false }).tokens).toEqual(['the'])
    expect(tokenizer.encode('the', { pair: 'cat', addSpecialTokens: false }).tokens).toEqual(['the', 'cat'])
  })

  it('counts offsets in UTF-16 units', () => {
    const text = '😀 é 漢字'
    const encoding = tokenizer.encode(text)
    expect(encoding.offsets.map(([begin, end]) => text.slice(begin, end))).toEqual(['', '😀', 'é', '漢', '字', ''])
  })

  it('cuts special tokens out of the text before it is normalised', () => {
    expect(tokenizer.encode('the[MASK]sat [mask]').tokens.slice(1, 4)).toEqual(['the', '[MASK]', 'sat'])
    expect([...tokenizer.encode('[SEP]').specialTokensMask]).toEqual([1, 0, 1])
  })

  it('takes empty text, NUL, lone surrogates and a word of 100 characters', () => {
    expect(tokenizer.encode('').tokens).toEqual(['[CLS]', '[SEP]'])
    expect(tokenizer.encode('\0a\ud800b\udc00c').tokens).toEqual(['[CLS]', 'a', '##b', '##c', '[SEP]'])
    expect(tokenizer.encode('a'.repeat(100)).length).toBe(102)
    expect(tokenizer.encode('a'.repeat(101)).tokens).toEqual(['[CLS]', '[UNK]', '[SEP]'])
  })

  it('takes ten million characters', () => {
    expect(tokenizer.encodeIds('the cat. '.repeat(1_111_111)).length).toBe(3_333_333)
    expect(tokenizer.encode('\u302e\u0301'.repeat(500_000)).length).toBe(3)
  })
})

describe('encode with truncation', () => {
  const ten = 'w0 w1 w2 w3 w4 w5 w6 w7 w8 w9'
  const windowsOf = (options: Parameters<Tokenizer['encode']>[1]): string[] => {
    const encoding = tokenizer.encode(ten, options)
    return [encoding, ...encoding.overflowing].map((window) => window.tokens.join(' '))
  }

  it('cuts into overlapping windows, special tokens counted', () => {
    expect(windowsOf({ truncation: { maxLength: 7, stride: 2 } })).toEqual([
      '[CLS] w0 w1 w2 w3 w4 [SEP]',
      '[CLS] w3 w4 w5 w6 w7 [SEP]',
      '[CLS] w6 w7 w8 w9 [SEP]',
    ])
    expect(windowsOf({ truncation: { maxLength: 7, side: 'left' } })).toEqual([
      '[CLS] w5 w6 w7 w8 w9 [SEP]',
      '[CLS] w0 w1 w2 w3 w4 [SEP]',
    ])
  })

  it('keeps the question whole with only_second', () => {
    const encoding = tokenizer.encode('the cat', {
      pair: ten,
      truncation: { maxLength: 11, strategy: 'only_second', stride: 1 },
    })
    expect([encoding, ...encoding.overflowing].map((window) => window.tokens.slice(4).join(' '))).toEqual([
      'w0 w1 w2 w3 w4 w5 [SEP]',
      'w5 w6 w7 w8 w9 [SEP]',
    ])
    expect(encoding.overflowing[0]?.offsets[4]).toEqual([15, 17])
  })

  it('gives all combinations where both gave way', () => {
    const encoding = tokenizer.encode('w0 w1 w2', { pair: 'w5 w6 w7', truncation: { maxLength: 7 } })
    const tokens = [encoding, ...encoding.overflowing].map((window) => window.tokens.join(' '))
    expect(tokens).toEqual([
      '[CLS] w0 w1 [SEP] w5 w6 [SEP]',
      '[CLS] w2 [SEP] w5 w6 [SEP]',
      '[CLS] w2 [SEP] w7 [SEP]',
      '[CLS] w0 w1 [SEP] w7 [SEP]',
    ])
  })

  it('keeps special tokens only where there is room for no more', () => {
    expect(windowsOf({ truncation: { maxLength: 2 } })).toEqual(['[CLS] [SEP]'])
  })
})

describe('decode', () => {
  it('glues pieces and takes out spaces before punctuation', () => {
    const { ids } = tokenizer.encode("Unaffable, the cat don't!")
    expect(tokenizer.decode(ids)).toBe("[CLS] unaffable, the cat don ' t! [SEP]")
    expect(tokenizer.decode(ids, { skipSpecialTokens: true })).toBe("unaffable, the cat don ' t!")
  })

  it('passes over ids it does not know', () => {
    expect(tokenizer.decode([15, 9999, -1, 1.5, 16])).toBe('the cat')
  })
})

describe('a tokenizer', () => {
  it('knows its special tokens and its length', () => {
    expect(tokenizer.specialTokens).toEqual({
      pad: { token: '[PAD]', id: 0 },
      unk: { token: '[UNK]', id: 1 },
      cls: { token: '[CLS]', id: 2 },
      sep: { token: '[SEP]', id: 3 },
      mask: { token: '[MASK]', id: 4 },
    })
    expect([...tokenizer.specialIds]).toEqual([0, 1, 2, 3, 4])
    expect(tokenizer.modelMaxLength).toBe(512)
    expect(tokenizer.vocabSize).toBe(46)
    expect(tokenizer.tokenToId('cat')).toBe(16)
    expect(tokenizer.tokenToId('dog')).toBeUndefined()
    expect(tokenizer.idToToken(46)).toBeUndefined()
  })

  it('swallows white space and finds normalised tokens as its added tokens say', () => {
    const json = JSON.parse(tokenizer.toFiles()['tokenizer.json'] ?? '')
    const settings = { single_word: false, lstrip: false, rstrip: false, normalized: false, special: false }
    json.added_tokens.push(
      { ...settings, id: 46, content: '<L>', lstrip: true, special: true },
      { ...settings, id: 47, content: 'mat', single_word: true },
      { ...settings, id: 48, content: 'New York', normalized: true },
    )
    const extended = Tokenizer.fromFiles({ 'tokenizer.json': JSON.stringify(json) })
    const text = 'the  <L> mate mat NEW YORK'
    const encoding = extended.encode(text, { addSpecialTokens: false })
    expect(encoding.tokens).toEqual(['the', '  <L>', 'mat', '##e', 'mat', 'new york'])
    expect(encoding.offsets).toEqual([
      [0, 3],
      [3, 8],
      [9, 12],
      [12, 13],
      [14, 17],
      [18, 26],
    ]) // prettier-ignore
    expect(encoding.wordIds).toEqual([0, 1, 2, 2, 3, 4])
    expect(extended.vocabSize).toBe(49)
    expect(extended.decode(encoding.ids, { skipSpecialTokens: true })).toBe('the mate mat New York')
  })
})
