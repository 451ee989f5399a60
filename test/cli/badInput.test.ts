// What a user may get wrong, and files that are damaged or hostile: each gives one clear line on standard error and exit
// code 1, is foreseen, and damages nothing.

import { chmodSync, cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { call, legacyBytes, torchEntries, torchFileBytes, zipBytes } from '../../src/checkpoint/testing/torchFiles.js'
import { VOCABULARY, writeTinyCheckpoint } from '../../src/pipeline/testing/tinyCheckpoint.js'
import { bertkin, type Ended, scratch, smallRun, text20 } from './testing/commandLine.js'

const at = (path: string): string => join(scratch, path)
const isRoot = process.getuid?.() === 0

beforeAll(async () => {
  writeFileSync(at('text.txt'), text20)
  await writeTinyCheckpoint(at('bert'))
  await writeTinyCheckpoint(at('run/generator'), { modelType: 'electra' })
  await writeTinyCheckpoint(at('run/discriminator'), { modelType: 'electra', head: 'pretraining' })
})

/** One line, foreseen; lines on what was being done may stand before it. */
function expectOneLine({ code, signal, stdout, stderr }: Ended, message: string): void {
  expect(stderr).toContain(message)
  const lines = stderr.trimEnd().split('\n')
  expect(lines.at(-1)).toMatch(/^error: .{10}/)
  expect(lines.slice(0, -1).filter((line) => !/^(·|\S+ \d+\/\d+| {2}step) /.test(line))).toEqual([])
  expect({ code, signal, stdout }).toEqual({ code: 1, signal: null, stdout: '' })
}

describe.concurrent('texts to pretrain on', () => {
  const utf16 = Buffer.from('\uFEFFnaïve text\n', 'utf16le')
  it.each([
    ['a missing file', undefined, 'does not exist'],
    ['an empty file', '', 'there is no text in it'],
    ['white space', ' \n\t\n\n', 'there is no text in it'],
    ['a binary file', Buffer.from([0x7f, 0x45, 0x4c, 0x46, 0, 1]), 'NUL byte at offset 4'],
    ['Latin-1', Buffer.from('un café noir\n', 'latin1'), 'iconv -f latin1 -t utf-8'],
    ['UTF-16', utf16, 'iconv -f utf-16 -t utf-8'],
    ['UTF-16 without its mark', utf16.subarray(2), 'if it is UTF-16 text'],
    ['nothing but what a tokenizer drops', '\u200b\u200b\n', 'there is no word in the texts'],
  ])('%s', async (name, content, message) => {
    const path = `${name.replaceAll(' ', '-')}.txt`
    if (content !== undefined) writeFileSync(at(path), content)
    const ended = await bertkin(['pretrain', path, '--out', `out-${path}`, ...smallRun, '--steps', '2'])
    expectOneLine(ended, message)
    expect(() => readFileSync(at(`out-${path}`))).toThrow('ENOENT') // not even the folder
  })

  it('a bad file among good ones, before anything is trained', async () => {
    mkdirSync(at('mixed'))
    writeFileSync(at('mixed/a.txt'), text20)
    writeFileSync(at('mixed/b.txt'), Buffer.from('caf\xe9', 'latin1'))
    const ended = await bertkin(['pretrain', 'mixed', '--out', 'mixed-out', ...smallRun])
    expectOneLine(ended, 'b.txt is not UTF-8: byte 0xe9 at offset 3')
  })

  it('a folder without .txt files', async () => {
    mkdirSync(at('notes'))
    writeFileSync(at('notes/a.md'), 'text')
    expectOneLine(await bertkin(['pretrain', 'notes', '--out', 'x']), 'There is no .txt file in notes')
  })

  it.skipIf(isRoot)('a file that may not be read', async () => {
    writeFileSync(at('secret.txt'), 'text')
    chmodSync(at('secret.txt'), 0)
    expectOneLine(await bertkin(['pretrain', 'secret.txt', '--out', 'x']), 'permission denied')
  })
})

describe.concurrent('settings of a run', () => {
  const run = (...options: string[]): Promise<Ended> =>
    bertkin(['pretrain', 'text.txt', ...smallRun, '--steps', '3', ...options])

  it('a warm-up longer than the run', async () => {
    expectOneLine(await run('--out', 'x', '--warmup', '4'), 'a warm-up of 4 steps is longer than a run of 3')
  })

  it.each(['electra', 'bert'])('%s into a file', async (recipe) => {
    expectOneLine(await run('--out', 'text.txt', '--recipe', recipe), 'Cannot write text.txt')
    expect(readFileSync(at('text.txt')).equals(text20)).toBe(true)
  })

  it.each(['.', '..'])('bert into %s, which would replace the current folder', async (out) => {
    expectOneLine(await run('--out', out, '--recipe', 'bert'), 'the current folder is in it')
  })

  it('into a folder with other files: they stay', async () => {
    mkdirSync(at('thesis/generator'), { recursive: true })
    writeFileSync(at('thesis/generator/thesis.tex'), 'years of work')
    for (const [recipe, where] of [
      ['electra', 'thesis/generator'],
      ['bert', 'thesis'],
    ] as const) {
      const ended = await run('--out', 'thesis', '--recipe', recipe)
      expectOneLine(ended, `Cannot write ${where}: it holds files but no checkpoint`)
    }
    expect(readFileSync(at('thesis/generator/thesis.tex'), 'utf8')).toBe('years of work')
    mkdirSync(at('papers'))
    writeFileSync(at('papers/paper.tex'), 'more work')
    expect((await run('--out', 'papers')).code).toBe(0) // models get folders of their own
    expect(readFileSync(at('papers/paper.tex'), 'utf8')).toBe('more work')
  })

  it.each([
    ['that is not there', 'nowhere', 'There is no folder nowhere'],
    ['without one', 'empty', 'empty has no tokenizer'],
    ['without [MASK]', 'maskless', 'this one lacks [MASK]'],
    ['that knows no word of the text', 'chinese', 'the tokenizer knows no word of the texts'],
    ['that is damaged', 'damaged', 'tokenizer.json'],
  ])('a tokenizer folder %s', async (_, folder, message) => {
    if (folder !== 'nowhere') mkdirSync(at(folder))
    const special = ['[PAD]', '[UNK]', '[CLS]', '[SEP]']
    if (folder === 'maskless') writeFileSync(at('maskless/vocab.txt'), [...special, 'the'].join('\n'))
    if (folder === 'chinese') writeFileSync(at('chinese/vocab.txt'), [...special, '[MASK]', '日', '本'].join('\n'))
    if (folder === 'damaged') writeFileSync(at('damaged/tokenizer.json'), '{"version": "1.0", "model"')
    expectOneLine(await run('--out', 'x', '--tokenizer', folder), message)
  })

  it.each([
    ['40', 'not finite in 10 steps in a row'],
    ['3', 'not a finite number at the end of the run'],
  ])('a learning rate of 1e9 for %s steps: the earlier checkpoint stays', async (steps, message) => {
    cpSync(at('run'), at(`blown-${steps}`), { recursive: true })
    const out = ['--out', `blown-${steps}`, '--save-minutes', '0.1']
    const ended = await run(...out, '--learning-rate', '1e9', '--steps', steps)
    expectOneLine(ended, message)
    expect(ended.stderr).toContain('lower the learning rate')
    for (const file of ['generator/model.safetensors', 'discriminator/model.safetensors']) {
      expect(readFileSync(at(`blown-${steps}/${file}`)).equals(readFileSync(at(`run/${file}`)))).toBe(true)
    }
  })
})

/** A safetensors file: the header's length, the header, data. */
function safetensors(header: unknown, dataLength: number, headerLength?: number): Buffer {
  const json = Buffer.from(typeof header === 'string' ? header : JSON.stringify(header))
  const length = Buffer.alloc(8)
  length.writeBigUInt64LE(BigInt(headerLength ?? json.length))
  return Buffer.concat([length, json, Buffer.alloc(dataLength)])
}
const f32 = (shape: readonly number[], start: number, end: number) => ({
  dtype: 'F32',
  shape,
  data_offsets: [start, end],
})

const torchFile = 'pytorch_model.bin'
const index = 'model.safetensors.index.json'
const storages = { '0': { dtype: 'F32', data: Float32Array.of(1, 2) } } as const
const torchWeights = (): Uint8Array => torchFileBytes({ w: { storage: '0', shape: [2] } }, storages, 'zip')
/** PyTorch weights that ask for a function to be called. */
function asking(name: string, layout: 'zip' | 'legacy'): Uint8Array {
  const file = { storages: {}, value: call(name, 'exit 1') }
  return layout === 'zip' ? zipBytes(torchEntries(file)) : legacyBytes(file)
}

describe.concurrent('checkpoints', () => {
  const mask = 'the [MASK] sat'
  const whole = (): Buffer => readFileSync(at('bert/model.safetensors'))
  const config = (change: Record<string, unknown>) => (): string => {
    const before = JSON.parse(readFileSync(at('bert/config.json'), 'utf8')) as object
    return JSON.stringify({ ...before, ...change })
  }
  const weights = 'model.safetensors'
  it.each<[string, string, () => string | Buffer, string]>([
    ['weights cut off', weights, () => whole().subarray(0, whole().length - 100), 'model.safetensors'],
    ['weights cut off in the header', weights, () => whole().subarray(0, 100), 'model.safetensors'],
    ['weights of 3 bytes', weights, () => Buffer.alloc(3), 'model.safetensors'],
    ['empty weights', weights, () => '', 'model.safetensors'],
    ['a page instead of weights', weights, () => '<!doctype html><title>404</title>', 'model.safetensors'],
    ['a header longer than the file', weights, () => safetensors('{}', 8, 2 ** 40), 'model.safetensors'],
    ['a header of 2^63 bytes', weights, () => Buffer.alloc(64, 0x7f), 'model.safetensors'],
    ['a header that is no JSON', weights, () => safetensors('{"a": [', 0), 'model.safetensors'],
    ['overlapping tensors', weights, () => safetensors({ a: f32([2], 0, 8), b: f32([2], 4, 12) }, 12), 'model.safe'],
    ['a tensor beyond the file', weights, () => safetensors({ a: f32([2], 0, 8) }, 4), 'model.safetensors'],
    ['a tensor ending before it begins', weights, () => safetensors({ a: f32([0], 8, 0) }, 8), 'model.safetensors'],
    ['2^53 dimensions', weights, () => safetensors({ a: f32([2 ** 53, 2 ** 53], 0, 8) }, 8), 'model.safetensors'],
    ['a negative dimension', weights, () => safetensors({ a: f32([-1, -2], 0, 8) }, 8), 'model.safetensors'],
    ['an unknown dtype', weights, () => safetensors({ a: { ...f32([2], 0, 8), dtype: 'X9' } }, 8), 'X9'],
    ['weights of something else', weights, () => safetensors({ a: f32([2], 0, 8) }, 8), 'lacks'],
    ['another hidden size', 'config.json', config({ hidden_size: 16 }), 'shape'],
    ['another vocabulary size', 'config.json', config({ vocab_size: 30_000 }), 'shape'],
    ['a hidden size of text', 'config.json', config({ hidden_size: 'wide' }), 'hidden_size'],
    ['a hidden size below 0', 'config.json', config({ hidden_size: -8 }), 'hidden_size'],
    ['10^12 layers', 'config.json', config({ num_hidden_layers: 1e12 }), 'num_hidden_layers'],
    ['an unknown model_type', 'config.json', config({ model_type: 'gpt2' }), 'gpt2'],
    ['a list for a config', 'config.json', () => '[]', 'config.json'],
    ['a config that is no JSON', 'config.json', () => '{"model_type": ', 'config.json'],
    ['an empty vocabulary', 'vocab.txt', () => '', 'the vocabulary has no "[UNK]"'],
    ['a larger vocabulary than the model', 'vocab.txt', () => [...VOCABULARY, 'zebra'].join('\n'), 'zebra'],
  ])('%s', async (name, file, content, message) => {
    const folder = name.replaceAll(/[^\w]/g, '-')
    cpSync(at('bert'), at(folder), { recursive: true })
    writeFileSync(at(`${folder}/${file}`), content())
    if (file === 'vocab.txt') rmSync(at(`${folder}/tokenizer.json`)) // it would be preferred
    const ended = await bertkin(['fill-mask', folder, name.includes('larger') ? `${mask} zebra` : mask])
    expectOneLine(ended, message)
  })

  it.each<[string, Record<string, () => string | Buffer | Uint8Array>, string]>([
    [
      'PyTorch weights that ask for a function',
      { [torchFile]: () => asking('os system', 'zip') },
      'asks for os.system',
    ],
    ['old PyTorch weights that do', { [torchFile]: () => asking('builtins eval', 'legacy') }, 'asks for builtins.eval'],
    ['PyTorch weights cut off', { [torchFile]: () => torchWeights().subarray(0, -100) }, 'its end is missing'],
    ['PyTorch weights of 3 bytes', { [torchFile]: () => Buffer.alloc(3) }, 'has only 3 bytes'],
    ['PyTorch weights that are a page', { [torchFile]: () => '<!doctype html>' }, 'it is a web page'],
    ['PyTorch weights of something else', { [torchFile]: torchWeights }, 'lacks'],
    [
      'an index of a file that is not there',
      { [index]: () => '{"weight_map": {"a": "b.safetensors"}}' },
      '"b.safetensors"',
    ],
    [
      'an index of a file elsewhere',
      { [index]: () => '{"weight_map": {"a": "/etc/passwd"}}' },
      'no file of its folder',
    ],
    ['an index without a map', { [index]: () => '{}' }, 'it has no weight_map'],
  ])('%s', async (name, files, message) => {
    const folder = name.replaceAll(/[^\w]/g, '-')
    cpSync(at('bert'), at(folder), { recursive: true })
    rmSync(at(`${folder}/model.safetensors`)) // it would be preferred
    for (const [file, content] of Object.entries(files)) writeFileSync(at(`${folder}/${file}`), content())
    expectOneLine(await bertkin(['fill-mask', folder, mask]), message)
  })

  it('no weights', async () => {
    mkdirSync(at('bare'))
    cpSync(at('bert/config.json'), at('bare/config.json'))
    cpSync(at('bert/vocab.txt'), at('bare/vocab.txt'))
    expectOneLine(await bertkin(['fill-mask', 'bare', mask]), 'model.safetensors')
  })

  it.each([
    ['a missing folder', ['fill-mask', 'nowhere', mask], 'There is no folder nowhere'],
    ['a file', ['fill-mask', 'text.txt', mask], 'text.txt is not a folder'],
    ['an empty path', ['fill-mask', '', mask], 'The name of the checkpoint is empty'],
    ['a discriminator that should fill masks', ['fill-mask', 'run/discriminator', mask], 'fill-mask needs Electra'],
    ['a generator that should detect', ['replaced-token-detection', 'run/generator', 'a'], 'needs ElectraForPre'],
    ['a BERT that should detect', ['replaced-token-detection', 'bert', 'a'], 'needs ElectraForPreTraining'],
    ['inspecting nothing', ['inspect', 'nowhere'], 'There is no folder nowhere'],
    ['tokenizing with nothing', ['tokenize', 'nowhere', 'a'], 'There is no folder nowhere'],
  ])('%s', async (_, args, message) => {
    expectOneLine(await bertkin(args), message)
  })
})

describe.concurrent('texts for a model', () => {
  it.each([
    ['no mask', ['the cat'], {}, 'there is no [MASK] in "the cat"'],
    ['an empty text', [''], {}, 'there is no [MASK] in ""'],
    ['more tokens than positions', [`[MASK]${' cat'.repeat(15)}`], {}, 'has 18 tokens, the model takes 16'],
    ['a mask that is cut off', [`${'cat '.repeat(20)}[MASK]`, '--truncation'], {}, 'was cut off'],
    ['more candidates than tokens', ['a [MASK]', '--top-k', '26'], {}, 'from 1 to 25, not 26'],
    ['no text', [], {}, 'there is no text in standard input'],
    ['blank lines', [], { stdin: ' \n\n' }, 'there is no text in standard input'],
    ['Latin-1', [], { stdin: Buffer.from('un caf\xe9 [MASK]\n', 'latin1') }, 'standard input is not UTF-8'],
    ['a lone surrogate', [], { stdin: Buffer.from([0x61, 0xed, 0xa0, 0x80, 0x0a]) }, 'standard input is not UTF-8'],
    ['a character cut off', [], { stdin: Buffer.from('é').subarray(0, 1) }, 'standard input is not UTF-8'],
    ['binary input', [], { stdin: Buffer.alloc(10) }, 'it has a NUL byte'],
    ['a line of 10 MB', [], { stdin: `[MASK] ${'cat '.repeat(2_500_000)}` }, 'the model takes 16'],
    ['a missing file', ['--file', 'nowhere'], {}, 'nowhere cannot be read: there is no such file'],
    ['a folder', ['--file', 'bert'], {}, 'bert cannot be read: it is a folder'],
    ['an empty file', ['--file', '/dev/null'], {}, 'there is no text in /dev/null'],
    ['both arguments and a file', ['a [MASK]', '--file', 'text.txt'], {}, 'not both'],
  ])('%s', async (_, args, input, message) => {
    const ended = await bertkin(['fill-mask', 'bert', ...args], input)
    if (message === 'was cut off') expect(ended.stderr).toMatch(/^(warning: .*\n)?error: .*\n$/)
    else expectOneLine(ended, message)
    expect(ended.stderr).toContain(message)
    expect(ended.stderr.length).toBeLessThan(400)
  })
})

describe.concurrent('--debug', () => {
  it('shows the stack, also of the cause', async () => {
    const without = await bertkin(['fill-mask', 'bert', '--file', 'nowhere'])
    expect(without.stderr.trimEnd().split('\n')).toHaveLength(1)
    const { code, stderr } = await bertkin(['fill-mask', 'bert', '--file', 'nowhere', '--debug'])
    expect(code).toBe(1)
    expect(stderr).toMatch(/^error: nowhere cannot be read/)
    expect(stderr).toMatch(/\n {4}at /)
    expect(stderr).toContain('caused by Error: ENOENT')
  })
})
