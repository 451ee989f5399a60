// Runs the tokenizers against recorded encodings of the reference library: each folder of cases against every form in
// which the real tokenizer's files are present.

import type { Folder } from '../checkpoint/index.js'
import { type Encoding, Tokenizer, TokenizerError, type TruncationOptions } from '../tokenizer/index.js'
import { type CaseResult, failed } from './case.js'

/** Files that hold a whole tokenizer; tokenizer_config.json goes with each. */
const FORMS: readonly (readonly string[])[] = [
  ['tokenizer.json'],
  ['vocab.txt'],
  ['vocab.json', 'merges.txt'],
  ['spiece.model'],
]

interface GoldenEncoding {
  ids?: number[]
  tokens?: string[]
  type_ids?: number[]
  special_tokens_mask?: number[]
  offsets?: [number, number][]
  word_ids?: (number | null)[]
}

interface GoldenCase {
  text: string
  pair?: string
  truncation?: { max_length: number; stride?: number; strategy?: NonNullable<TruncationOptions['strategy']> }
  encodings: GoldenEncoding[]
  decoded?: string
  decoded_skip?: string
}

/** A result for each form in which the tokenizer is there. A form whose algorithm is not built is skipped. */
export async function* tokenizerCase(folder: Folder, name: string, home: Folder): AsyncGenerator<CaseResult> {
  const lines = ((await folder.readText('cases.jsonl')) ?? '').split('\n')
  let forms = 0
  for (const form of FORMS) {
    const sources = await Promise.all(form.map((file) => home.open(file)))
    if (sources.includes(undefined)) continue
    forms++
    yield await runForm(`${name} (${form.join(' + ')})`, lines, home, form)
  }
  if (forms === 0) yield failed(name, `no tokenizer files in ${home.name}`)
}

async function runForm(
  name: string,
  lines: readonly string[],
  home: Folder,
  form: readonly string[],
): Promise<CaseResult> {
  let tokenizer: Tokenizer
  try {
    tokenizer = await load(home, form)
  } catch (error) {
    if (!(error instanceof TokenizerError)) throw error
    return { name, status: error.code === 'tokenizer-unsupported' ? 'skipped' : 'failed', detail: error.message }
  }
  let passed = 0
  let total = 0
  let first = ''
  for (const line of lines) {
    if (line.trim() === '') continue
    total++
    const difference = compare(tokenizer, JSON.parse(line))
    if (difference === undefined) passed++
    else if (first === '') first = `; line ${total}: ${difference}`
  }
  const status = total > 0 && passed === total ? 'passed' : 'failed'
  return { name, status, detail: `${passed} of ${total} lines${first}` }
}

async function load(home: Folder, form: readonly string[]): Promise<Tokenizer> {
  if (!form.some((file) => ['tokenizer.json', 'vocab.txt', 'vocab.json', 'spiece.model'].includes(file))) {
    throw new TokenizerError('tokenizer-unsupported', `no reader for ${form.join(' + ')} yet`)
  }
  const files: Record<string, Uint8Array> = {}
  for (const file of [...form, 'tokenizer_config.json', 'special_tokens_map.json']) {
    const source = await home.open(file)
    if (source) files[file] = await source.slice(0, source.byteLength)
  }
  return Tokenizer.fromFiles(files)
}

/** What differs first, or undefined. */
function compare(tokenizer: Tokenizer, golden: GoldenCase): string | undefined {
  const { text, pair, truncation } = golden
  let encoding: Encoding
  try {
    encoding = tokenizer.encode(text, {
      ...(pair === undefined || pair === null ? {} : { pair }),
      ...(truncation === undefined || truncation === null ? {} : { truncation: truncationOptions(truncation) }),
    })
  } catch (error) {
    return `encode threw: ${error instanceof Error ? error.message : String(error)}`
  }
  // Of two texts that both gave way, the recordings keep the first window and not all combinations of the others.
  const firstOnly = pair !== undefined && truncation?.strategy === 'longest_first' && golden.encodings.length === 1
  const encodings = firstOnly ? [encoding] : [encoding, ...encoding.overflowing]
  if (encodings.length !== golden.encodings.length) {
    return `${encodings.length} windows where the reference has ${golden.encodings.length}`
  }
  for (const [i, expected] of golden.encodings.entries()) {
    const difference = compareEncoding(encodings[i]!, expected, text, pair ?? '')
    if (difference !== undefined) return `window ${i}: ${difference}`
  }
  const decoded = (skipSpecialTokens: boolean): string => tokenizer.decode(encoding.ids, { skipSpecialTokens })
  return (
    different('decoded', decoded(false), golden.decoded) ??
    different('decoded_skip', decoded(true), golden.decoded_skip)
  )
}

function truncationOptions(golden: NonNullable<GoldenCase['truncation']>): TruncationOptions {
  const { max_length, stride, strategy } = golden
  return {
    maxLength: max_length,
    ...(stride === undefined ? {} : { stride }),
    ...(strategy === undefined ? {} : { strategy }),
  }
}

function compareEncoding(actual: Encoding, expected: GoldenEncoding, text: string, pair: string): string | undefined {
  const points = [codePointIndex(text), codePointIndex(pair)]
  const offsets = actual.offsets.map((offset, i) => offset.map((at) => points[actual.sequenceIds[i] ?? 0]?.[at] ?? at))
  return (
    different('ids', [...actual.ids], expected.ids) ??
    different('tokens', actual.tokens, expected.tokens) ??
    different('type_ids', [...actual.typeIds], expected.type_ids) ??
    different('special_tokens_mask', [...actual.specialTokensMask], expected.special_tokens_mask) ??
    different('offsets', offsets, expected.offsets) ??
    different('word_ids', actual.wordIds, expected.word_ids)
  )
}

/** How many code points begin before each UTF-16 position. */
function codePointIndex(text: string): number[] {
  const index: number[] = []
  let count = 0
  for (const character of text) {
    for (let i = 0; i < character.length; i++) index.push(count)
    count++
  }
  index.push(count)
  return index
}

function different(what: string, actual: unknown, expected: unknown): string | undefined {
  if (expected === undefined) return undefined
  const [a, e] = [JSON.stringify(actual), JSON.stringify(expected)]
  if (a === e) return undefined
  let at = 0
  while (a[at] === e[at]) at++
  const near = (json: string): string => json.slice(Math.max(0, at - 20), at + 40)
  return `${what} …${near(a)}… where the reference has …${near(e)}…`
}
