import { describe, expect, it } from 'vitest'
import { byteToUnit } from './byteAlphabet.js'
import { TokenizerError } from './error.js'
import { Tokenizer, type TokenizerFiles } from './index.js'

const MERGES = ['Ġ t', 'h e', 'Ġt he', 'Ġ c', 'a t', 'Ġc at', 'Ġ Ġ', "' s"]
const TOKENS = [
  ...['<s>', '<pad>', '</s>', '<unk>'],
  ...Array.from(byteToUnit, (unit) => String.fromCharCode(unit)),
  ...MERGES.map((merge) => merge.replace(' ', '')),
  '<mask>',
]
const VOCAB = JSON.stringify(Object.fromEntries(TOKENS.map((token, id) => [token, id])))
const files: Record<string, string> = { 'vocab.json': VOCAB, 'merges.txt': `#version: 0.2\n${MERGES.join('\n')}\n` }

const from = (changes: TokenizerFiles): Tokenizer => Tokenizer.fromFiles({ ...files, ...changes })
const config = (json: object): Tokenizer => from({ 'tokenizer_config.json': JSON.stringify(json) })
const tokens = (tokenizer: Tokenizer, text: string, pair?: string): string[] =>
  tokenizer.encode(text, pair === undefined ? {} : { pair }).tokens
const TEXT = "the cat's  <mask> é\n"
const EXPECTED = ['<s>', 't', 'he', 'Ġcat', "'s", '  <mask>', 'Ġ', 'Ã', '©', 'Ċ', '</s>']

describe('vocab.json and merges.txt', () => {
  it('are RoBERTa’s tokenizer', () => {
    const tokenizer = Tokenizer.fromFiles(files)
    const encoding = tokenizer.encode(TEXT)
    expect(encoding.tokens).toEqual(EXPECTED)
    // The white space is no part of the offsets, and both bytes of a character stand where it stands.
    expect(encoding.offsets.slice(1, -1).map(([begin, end]) => TEXT.slice(begin, end))).toEqual([
      ...['t', 'he', 'cat', "'s", '<mask>', '', 'é', 'é', '\n'],
    ])
    expect(encoding.offsets[6]).toEqual([18, 18])
    expect(tokens(tokenizer, 'a', 'b')).toEqual(['<s>', 'a', '</s>', '</s>', 'b', '</s>'])
    expect([...tokenizer.encode('a', { pair: 'b' }).typeIds]).toEqual([0, 0, 0, 0, 0, 0])
    expect(tokenizer.specialTokens.mask).toEqual({ token: '<mask>', id: TOKENS.length - 1 })
    expect(tokenizer.specialTokens.cls?.token).toBe('<s>')
    expect(tokenizer.vocabSize).toBe(TOKENS.length)
    expect(tokenizer.decode(encoding.ids)).toBe("<s>the cat's<mask> é\n</s>")
    expect(tokenizer.decode(encoding.ids, { skipSpecialTokens: true })).toBe("the cat's é\n")
    expect(tokenizer.decode([encoding.ids[7]!])).toBe('\ufffd')
  })

  it('make a circle with all that is written, from each form', () => {
    const written = config({ model_max_length: 512 }).toFiles()
    expect(Object.keys(written).sort()).toEqual([
      ...['merges.txt', 'special_tokens_map.json', 'tokenizer.json', 'tokenizer_config.json', 'vocab.json'],
    ])
    expect(written['merges.txt']).toBe(files['merges.txt'])
    const json = JSON.parse(written['tokenizer.json'] ?? '')
    json.model.merges = MERGES
    const forms: TokenizerFiles[] = [
      written,
      { 'tokenizer.json': written['tokenizer.json'] },
      { 'vocab.json': written['vocab.json'], 'merges.txt': written['merges.txt'] },
      { 'tokenizer.json': JSON.stringify(json) }, // merges as text
    ]
    for (const form of forms) expect(Tokenizer.fromFiles(form).encode(TEXT).tokens).toEqual(EXPECTED)
    expect(Tokenizer.fromFiles(written).toFiles()).toEqual(written)
  })

  it('take Windows line ends, byte order marks and no version line', () => {
    const merges = `\uFEFF${MERGES.join('\r\n')}\r\n\r\n`
    expect(tokens(from({ 'vocab.json': `\uFEFF${VOCAB}`, 'merges.txt': merges }), TEXT)).toEqual(EXPECTED)
  })

  it('follow tokenizer_config.json', () => {
    const spaced = config({ add_prefix_space: true })
    expect(tokens(spaced, 'the cat').slice(1, -1)).toEqual(['Ġthe', 'Ġcat'])
    expect(spaced.encode('the cat').offsets.slice(1, -1)).toEqual([
      [0, 3],
      [4, 7],
    ]) // prettier-ignore
    expect(config({ trim_offsets: false }).encode('the cat').offsets[3]).toEqual([3, 7])
    const again = Tokenizer.fromFiles(spaced.toFiles())
    expect(again.encode('the cat').offsets).toEqual(spaced.encode('the cat').offsets)
    const without = Tokenizer.fromFiles({ 'tokenizer.json': spaced.toFiles()['tokenizer.json'] })
    expect(tokens(without, 'the')).toEqual(['<s>', 'Ġthe', '</s>'])
    const overruled = {
      'tokenizer.json': spaced.toFiles()['tokenizer.json'],
      'tokenizer_config.json': '{"add_prefix_space": false}',
    } // prettier-ignore
    expect(tokens(Tokenizer.fromFiles(overruled), 'the')).toEqual(['<s>', 't', 'he', '</s>'])
  })

  it('give <mask> the space before it unless a file says otherwise', () => {
    const mask = (lstrip: boolean): object => ({ content: '<mask>', lstrip })
    expect(tokens(config({ mask_token: '<mask>' }), 'a <mask>')[2]).toBe(' <mask>')
    expect(tokens(config({ mask_token: mask(true) }), 'a <mask>')[2]).toBe(' <mask>')
    expect(tokens(config({ mask_token: mask(false) }), 'a <mask>')[2]).toBe('Ġ')
    const map = { 'special_tokens_map.json': JSON.stringify({ mask_token: mask(false) }) }
    expect(tokens(from(map), 'a <mask>')[2]).toBe('Ġ')
  })

  it('add tokens that the vocabulary lacks behind it, as transformers does', () => {
    const fewer = TOKENS.filter((token) => token !== '<pad>' && token !== '<mask>')
    const vocab = JSON.stringify(Object.fromEntries(fewer.map((token, id) => [token, id])))
    const tokenizer = from({
      'vocab.json': vocab,
      'tokenizer_config.json': '{"additional_special_tokens": ["<e1>"]}',
    })
    expect(['<pad>', '<mask>', '<e1>'].map((token) => tokenizer.tokenToId(token))).toEqual([
      ...[fewer.length, fewer.length + 1, fewer.length + 2],
    ])
    expect(tokens(tokenizer, 'a <e1>b')).toEqual(['<s>', 'a', 'Ġ', '<e1>', 'b', '</s>'])
    const old = from({ 'added_tokens.json': JSON.stringify({ nepal: TOKENS.length }) })
    expect(tokens(old, 'a nepal')).toEqual(['<s>', 'a', 'Ġ', 'nepal', '</s>'])
    expect(old.specialIds.has(TOKENS.length)).toBe(false)
    expect(tokens(Tokenizer.fromFiles(old.toFiles()), 'a nepal')).toEqual(['<s>', 'a', 'Ġ', 'nepal', '</s>'])
  })

  it('count offsets anew in each window, as the reference does', () => {
    // Recorded with tokenizers 0.22.2: the first token of a window keeps the space that might have been put there.
    const spaced = config({ add_prefix_space: true })
    const encoding = spaced.encode('a b c  a b c', { truncation: { maxLength: 5, stride: 1 } })
    expect([encoding, ...encoding.overflowing].map((window) => window.offsets.slice(1, -1))).toEqual([
      [
        [0, 0],
        [0, 1],
        [2, 2],
      ],
      [
        [1, 1],
        [2, 3],
        [4, 5],
      ],
      [
        [3, 5],
        [6, 6],
        [7, 7],
      ],
      [
        [6, 6],
        [7, 8],
        [9, 9],
      ],
      [
        [8, 8],
        [9, 10],
        [11, 12],
      ],
    ]) // prettier-ignore
  })
})

describe('a bad file', () => {
  const json = (change: (json: Record<string, Record<string, unknown>>) => void): TokenizerFiles => {
    const whole = JSON.parse(Tokenizer.fromFiles(files).toFiles()['tokenizer.json'] ?? '')
    change(whole)
    return { 'tokenizer.json': JSON.stringify(whole) }
  }
  const model = (fields: object): TokenizerFiles => json((whole) => Object.assign(whole.model ?? {}, fields))
  const processor = (fields: object): TokenizerFiles =>
    json((whole) => Object.assign(whole, { post_processor: fields }))
  const byteLevel = { type: 'ByteLevel', trim_offsets: true, add_prefix_space: false }
  const cases: [name: string, files: TokenizerFiles, code: string, message: RegExp][] = [
    ['no merges.txt', { ...files, 'merges.txt': undefined }, 'tokenizer-malformed', /merges\.txt/],
    ['a merge of three', { ...files, 'merges.txt': '#version: 0.2\na b c\n' }, 'tokenizer-malformed', /line 2/],
    ['a merge of one', { ...files, 'merges.txt': 'ab\n' }, 'tokenizer-malformed', /line 1/],
    ['a merge of unknown tokens', { ...files, 'merges.txt': 'q q\n' }, 'tokenizer-malformed', /"qq"/],
    ['an id of text', { ...files, 'vocab.json': '{"a": "0"}' }, 'tokenizer-malformed', /vocab\.json/],
    ['a list', { ...files, 'vocab.json': '[]' }, 'tokenizer-malformed', /vocab\.json/],
    [
      'another class',
      { ...files, 'tokenizer_config.json': '{"tokenizer_class": "CLIPTokenizer"}' },
      'tokenizer-unsupported',
      /CLIPTokenizer/,
    ],
    ['a bad added_tokens.json', { ...files, 'added_tokens.json': '{"x": -1}' }, 'tokenizer-malformed', /added_tokens/],
    ['dropout', model({ dropout: 0.1 }), 'tokenizer-unsupported', /dropout/],
    ['dropout of text', model({ dropout: 'much' }), 'tokenizer-malformed', /dropout/],
    ['merges of numbers', model({ merges: [[1, 2]] }), 'tokenizer-malformed', /merges\[0\]/],
    ['merges of three', model({ merges: [['a', 't', 'a']] }), 'tokenizer-malformed', /merges\[0\]/],
    ['no merges', model({ merges: undefined }), 'tokenizer-malformed', /merges/],
    ['a flag of text', model({ fuse_unk: 'yes' }), 'tokenizer-malformed', /fuse_unk/],
    [
      'a prefix of numbers',
      model({ continuing_subword_prefix: 3 }),
      'tokenizer-malformed',
      /continuing_subword_prefix/,
    ],
    ['RobertaProcessing without tokens', processor({ type: 'RobertaProcessing' }), 'tokenizer-malformed', /cls/],
    [
      'a sequence of two trimmings',
      processor({ type: 'Sequence', processors: [byteLevel, byteLevel] }),
      'tokenizer-unsupported',
      /Sequence/,
    ],
  ]

  it.each(cases)('gives a typed error of one line: %s', (_, files, code, message) => {
    let caught: unknown
    try {
      Tokenizer.fromFiles(files)
    } catch (error) {
      caught = error
    }
    expect(caught).toBeInstanceOf(TokenizerError)
    if (!(caught instanceof TokenizerError)) return
    expect(caught.code).toBe(code)
    expect(caught.message).toMatch(message)
    expect(caught.message).not.toContain('\n')
    expect(caught.message.length).toBeLessThan(250)
  })

  it('of dropout nought is none', () => {
    expect(tokens(Tokenizer.fromFiles(model({ dropout: 0 })), TEXT)).toEqual(EXPECTED)
  })
})
