import { describe, expect, it } from 'vitest'
import { TokenizerError } from './error.js'
import { SMALL_VOCABULARY, smallTokenizer } from './fixture.js'
import { Tokenizer } from './tokenizer.js'

const files = smallTokenizer({ model_max_length: 128 }).toFiles()
const text = "The cat sat. [MASK] don't — Ünaffable 漢字!"
const ids = (tokenizer: Tokenizer): number[] => [...tokenizer.encode(text).ids]

describe('fromFiles and toFiles', () => {
  it('make a circle, from each form', () => {
    const expected = ids(smallTokenizer())
    const only = (...names: string[]): Tokenizer =>
      Tokenizer.fromFiles(Object.fromEntries(names.map((name) => [name, files[name]])))
    expect(Object.keys(files).sort()).toEqual([
      'special_tokens_map.json',
      'tokenizer.json',
      'tokenizer_config.json',
      'vocab.txt',
    ])
    expect(files['vocab.txt']).toBe(SMALL_VOCABULARY)
    expect(ids(only('tokenizer.json'))).toEqual(expected)
    expect(ids(only('vocab.txt'))).toEqual(expected)
    expect(ids(only('vocab.txt', 'tokenizer_config.json'))).toEqual(expected)
    const again = Tokenizer.fromFiles(files)
    expect(again.modelMaxLength).toBe(128)
    expect(again.toFiles()).toEqual(files)
  })

  it('lets tokenizer_config.json win over tokenizer.json, and tokenizer.json over the default', () => {
    const cased = Tokenizer.fromFiles({ ...files, 'tokenizer_config.json': '{"do_lower_case": false}' })
    expect(cased.encode('The', { addSpecialTokens: false }).tokens).toEqual(['[UNK]'])
    const json = JSON.parse(files['tokenizer.json'] ?? '')
    json.normalizer.lowercase = false
    const own = Tokenizer.fromFiles({ 'tokenizer.json': JSON.stringify(json), 'tokenizer_config.json': '{}' })
    expect(own.encode('The', { addSpecialTokens: false }).tokens).toEqual(['[UNK]'])
  })

  it('read Windows line ends, a byte order mark and tokens named by objects', () => {
    const tokenizer = Tokenizer.fromFiles({
      'vocab.txt': `\uFEFF${SMALL_VOCABULARY.replaceAll('\n', '\r\n')}`,
      'special_tokens_map.json': '{"mask_token": {"content": "[MASK]", "lstrip": false}}',
      'tokenizer_config.json': '{"model_max_length": 1e30}',
    })
    expect(tokenizer.tokenToId('cat')).toBe(16)
    expect(tokenizer.specialTokens.mask?.id).toBe(4)
    expect(tokenizer.modelMaxLength).toBeUndefined()
  })

  it('keep tokens named like properties of objects', () => {
    const tokenizer = Tokenizer.fromFiles({ 'vocab.txt': '[UNK]\n__proto__\nconstructor\ntoString\n' })
    const again = Tokenizer.fromFiles({ 'tokenizer.json': tokenizer.toFiles()['tokenizer.json'] })
    expect(again.tokenToId('__proto__')).toBe(1)
    expect(again.tokenToId('hasOwnProperty')).toBeUndefined()
  })
})

describe('a bad file', () => {
  const broken = (change: (json: { [key: string]: never }) => void): string => {
    const json = JSON.parse(files['tokenizer.json'] ?? '')
    change(json)
    return JSON.stringify(json)
  }
  const cases: [name: string, json: string, code: string][] = [
    ['not JSON', '{"model": ', 'tokenizer-malformed'],
    ['a list', '[]', 'tokenizer-malformed'],
    ['null', 'null', 'tokenizer-malformed'],
    ['deep nesting', '['.repeat(200_000), 'tokenizer-malformed'],
    ['no model', '{}', 'tokenizer-malformed'],
    ['a model of another type', '{"model": {"type": "WordLevel", "vocab": {}}}', 'tokenizer-unsupported'],
    ['a vocabulary that is a list', '{"model": {"type": "WordPiece", "vocab": []}}', 'tokenizer-malformed'],
    ['no unknown token', '{"model": {"type": "WordPiece", "vocab": {"a": 0}}}', 'tokenizer-malformed'],
    ['one id twice', '{"model": {"type": "WordPiece", "vocab": {"[UNK]": 0, "a": 0}}}', 'tokenizer-malformed'],
    ['a negative id', '{"model": {"type": "WordPiece", "vocab": {"[UNK]": -1}}}', 'tokenizer-malformed'],
    ['an id of text', '{"model": {"type": "WordPiece", "vocab": {"[UNK]": "0"}}}', 'tokenizer-malformed'],
    ['a huge id', '{"model": {"type": "WordPiece", "vocab": {"[UNK]": 1e300}}}', 'tokenizer-malformed'],
    [
      'another normalizer',
      broken((json) => Object.assign(json.normalizer ?? {}, { type: 'Uppercase' })),
      'tokenizer-unsupported',
    ],
    ['a normalizer of text', broken((json) => Object.assign(json, { normalizer: 'x' })), 'tokenizer-malformed'],
    [
      'a case of text',
      broken((json) => Object.assign(json.normalizer ?? {}, { lowercase: 'yes' })),
      'tokenizer-malformed',
    ],
    [
      'another pre-tokenizer',
      broken((json) => Object.assign(json, { pre_tokenizer: { type: 'Split' } })),
      'tokenizer-unsupported',
    ],
    [
      'another post-processor',
      broken((json) => Object.assign(json, { post_processor: { type: 'X' } })),
      'tokenizer-unsupported',
    ],
    [
      'a template without its special tokens',
      broken((json) => Object.assign(json.post_processor ?? {}, { special_tokens: {} })),
      'tokenizer-malformed',
    ],
    [
      'a template without text',
      broken((json) => Object.assign(json.post_processor ?? {}, { single: [] })),
      'tokenizer-malformed',
    ],
    ['another decoder', broken((json) => Object.assign(json, { decoder: { type: 'CTC' } })), 'tokenizer-unsupported'],
    [
      'added tokens of another shape',
      broken((json) => Object.assign(json, { added_tokens: [1] })),
      'tokenizer-malformed',
    ],
    [
      'an empty added token',
      broken((json) => Object.assign(json, { added_tokens: [{ id: 99, content: '' }] })),
      'tokenizer-malformed',
    ],
    [
      'an added token with a taken id',
      broken((json) => Object.assign(json, { added_tokens: [{ id: 7, content: 'x' }] })),
      'tokenizer-malformed',
    ],
  ] // prettier-ignore

  it.each(cases)('gives a typed error of one line: %s', (_, json, code) => {
    let caught: unknown
    try {
      Tokenizer.fromFiles({ 'tokenizer.json': json })
    } catch (error) {
      caught = error
    }
    expect(caught).toBeInstanceOf(TokenizerError)
    if (!(caught instanceof TokenizerError)) return
    expect(caught.code).toBe(code)
    expect(caught.message).not.toContain('\n')
    expect(caught.message.length).toBeLessThan(250)
  })

  it('gives a typed error for other files too', () => {
    expect(() => Tokenizer.fromFiles({})).toThrow(TokenizerError)
    expect(() => Tokenizer.fromFiles({ 'vocab.txt': '' })).toThrow(/\[UNK\]/)
    expect(() => smallTokenizer({ model_max_length: 'long' })).toThrow(/model_max_length/)
    expect(() => smallTokenizer({ do_lower_case: 1 })).toThrow(/do_lower_case/)
    expect(() => smallTokenizer({ added_tokens_decoder: { x: { content: 'y' } } })).toThrow(/added_tokens_decoder/)
    expect(() => smallTokenizer({ cls_token: 3 })).toThrow(/cls_token/)
  })
})
