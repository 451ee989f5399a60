// Tokenizers of all three kinds as they stand in a finished folder, read by Python's transformers, where it is at hand
// (BERTKIN_PYTHON=path of an interpreter that has it): with AutoTokenizer and with the model's own class.

import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { trainByteLevelBpe, trainUnigram, trainWordPiece } from './index.js'
import { Tokenizer } from './tokenizer.js'

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url))
const lines = readFileSync(here('../../sample/stories.txt'), 'utf8').split('\n').slice(0, 1500)

const texts = [
  ...['', ' ', 'the [MASK] dog.', 'the <mask>.', 'Zürich’s "über" — café ½ ﬁve  two  spaces\t tab', "don't I'll we've"],
  ...[
    '漢字 and 9,000 people in 2019, 1,000.',
    'emoji 👩‍👩‍👧 🇩🇪 x',
    "`` quoted '' text",
    'İstanbul Å ﬀ',
    'a\u00a0b\u200bc',
  ],
  ...['<s>hi</s> [CLS] [SEP]', 'x£y £5 (a) "b" - . – €', ...lines.slice(0, 40)],
]

/** One of the real tokenizers, where they are. */
function real(name: string, ...files: string[]): (() => Tokenizer) | undefined {
  const folder = here(`../../../shared/tokenizers/${name}/`)
  if (!existsSync(folder)) return undefined
  const read = (file: string) => [file, readFileSync(join(folder, file), 'utf8')] as const
  return () => Tokenizer.fromFiles(Object.fromEntries([...files, 'tokenizer_config.json'].map(read)))
}

const kinds: readonly (readonly [
  name: string,
  modelType: string,
  make: (() => Tokenizer | Promise<Tokenizer>) | undefined,
])[] = [
  ['electra, trained', 'electra', () => trainWordPiece(lines, { vocabSize: 800 })],
  ['bert with capitals, trained', 'bert', () => trainWordPiece(lines, { vocabSize: 800, lowercase: false })],
  ['albert, trained', 'albert', () => trainUnigram(lines, { vocabSize: 800 })],
  [
    'albert with capitals and accents, trained',
    'albert',
    () => trainUnigram(lines, { vocabSize: 800, lowercase: false, stripAccents: false }),
  ],
  ['roberta, trained', 'roberta', () => trainByteLevelBpe(lines, { vocabSize: 800 })],
  ['electra', 'electra', real('electra', 'tokenizer.json')],
  ['spanbert', 'bert', real('spanbert', 'vocab.txt')],
  ['albert', 'albert', real('albert', 'tokenizer.json')],
  ['roberta', 'roberta', real('roberta', 'vocab.json', 'merges.txt')],
]

/** The interpreter to ask, if it is named and has transformers. */
function pythonWithTransformers(): string | undefined {
  const python = process.env.BERTKIN_PYTHON
  if (!python) return undefined
  try {
    execFileSync(python, ['-c', 'import transformers'], { stdio: 'ignore' })
    return python
  } catch {
    return undefined
  }
}

const python = pythonWithTransformers()

describe('files', () => {
  it.skipIf(!python)(
    `are read by transformers with equal ids${python ? '' : ' (skipped: BERTKIN_PYTHON has no transformers)'}`,
    async () => {
      const folder = mkdtempSync(join(tmpdir(), 'bertkin-tokenizers-'))
      try {
        for (const [name, modelType, make] of kinds) {
          if (!make) continue
          const tokenizer = await make()
          const cases = texts.map((text) => {
            const both = tokenizer.encode(text, { pair: 'and another' })
            return { text, ids: [...tokenizer.encode(text).ids], pair: [...both.ids], types: [...both.typeIds] }
          })
          const config = { model_type: modelType, vocab_size: tokenizer.vocabSize }
          const files = {
            ...tokenizer.toFiles(),
            'config.json': JSON.stringify(config),
            'cases.json': JSON.stringify(cases),
          }
          mkdirSync(join(folder, name))
          for (const [file, text] of Object.entries(files)) writeFileSync(join(folder, name, file), text)
        }
        const script = resolve(here('.'), 'testing/autoTokenizer.py')
        const report = execFileSync(python!, [script, folder], {
          encoding: 'utf8',
          stdio: ['ignore', 'pipe', 'ignore'],
        })
        expect(report).toBe('')
      } finally {
        rmSync(folder, { recursive: true })
      }
    },
    240_000,
  )

  it('tell ALBERT’s class what the normalizer does', async () => {
    const options = { vocabSize: 200, lowercase: false, stripAccents: false }
    for (const [more, expected] of [
      [{}, { do_lower_case: true, keep_accents: false }],
      [options, { do_lower_case: false, keep_accents: true }],
    ] as const) {
      const tokenizer = await trainUnigram(lines.slice(0, 200), { vocabSize: 200, ...more })
      const files = tokenizer.toFiles()
      expect(JSON.parse(files['tokenizer_config.json']!)).toMatchObject(expected)
      const again = Tokenizer.fromFiles(files)
      for (const text of texts) expect(again.encode(text).ids).toEqual(tokenizer.encode(text).ids)
    }
  })
})
