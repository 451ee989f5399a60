// `pretrain --model`: a checkpoint is trained further, with its own shape, weights and tokenizer.

import { mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { modelFolders } from '../../src/recipe/index.js'
import { bertkin, scratch, text20 } from './testing/commandLine.js'

const brief = ['--max-length', '24', '--batch-size', '4', '--threads', '1', '--evaluation-sequences', '8'] as const
const begun = ['--size', 'micro', '--vocab-size', '400', '--steps', '3', ...brief, '--held-out-every', '10'] as const
const other = 'The ferry is late.\nNobody waits for it.\n\nIt rains on the pier.\n\nA dog sleeps under the boat.\n'

const weights = (folder: string): Buffer => readFileSync(join(scratch, folder, 'model.safetensors'))
const configOf = (folder: string): Record<string, unknown> =>
  JSON.parse(readFileSync(join(scratch, folder, 'config.json'), 'utf8')) as Record<string, unknown>

beforeAll(() => {
  writeFileSync(join(scratch, 'text.txt'), text20)
  writeFileSync(join(scratch, 'other.txt'), other)
})

describe('a model of', () => {
  it.each(['electra', 'bert', 'roberta', 'albert', 'spanbert'] as const)('%s goes on where it was', async (recipe) => {
    const [first, second] = [`first-${recipe}`, `second-${recipe}`]
    const layers = ['--layers', '2'] // not the size's
    const named = recipe === 'spanbert' ? ['--recipe', recipe] : [] // its checkpoints are those of a BERT
    await bertkin(['pretrain', 'text.txt', '--recipe', recipe, '--out', first, ...begun, ...layers])
    const args = ['pretrain', 'other.txt', '--model', first, ...named, ...brief, '--steps', '2', '--out', second]
    // At a rate of 0 nothing moves: what comes out is what went in.
    const ended = await bertkin([...args, '--learning-rate', '0', '--held-out-every', '2'])
    expect(ended.stderr).toContain(`going on from the weights of ${first}`)
    expect(ended.stderr).not.toContain('start anew')
    expect(ended.code).toBe(0)
    for (const folder of modelFolders[recipe]) {
      expect(weights(join(second, folder)).equals(weights(join(first, folder)))).toBe(true)
      expect(configOf(join(second, folder))).toEqual(configOf(join(first, folder)))
      const card = readFileSync(join(scratch, second, folder, 'README.md'), 'utf8')
      expect(card).toContain(`trained further from \`${first}\``)
      expect(card).toContain(`base_model: "${first}"`)
      expect(card).toContain('| layers | 2 |')
    }
  })

  it('an encoder alone gets a new head', async () => {
    await bertkin(['pretrain', 'text.txt', '--recipe', 'bert', '--out', 'headed', ...begun])
    const args = ['pretrain', 'other.txt', '--model', 'headed', '--recipe', 'spanbert', '--steps', '1', ...brief]
    const { code, stderr } = await bertkin([...args, '--out', 'boundaries'])
    expect(code).toBe(0)
    expect(stderr).toMatch(/going on from the weights of headed; it lacks .*which start anew/)
  })

  it('learns a fifth as fast as a new one, and can be resumed without the checkpoint that it came from', async () => {
    await bertkin(['pretrain', 'text.txt', '--recipe', 'bert', '--out', 'gone', ...begun])
    const args = ['pretrain', 'other.txt', '--model', 'gone', ...brief, '--schedule', 'constant']
    const through = await bertkin([...args, '--steps', '4', '--out', 'through'])
    expect(through.code).toBe(0)
    const card = readFileSync(join(scratch, 'through', 'README.md'), 'utf8')
    expect(card).toContain('| learningRate | 0.0004 |')
    await bertkin([...args, '--steps', '2', '--out', 'halves'])
    rmSync(join(scratch, 'gone'), { recursive: true })
    const resumed = await bertkin(['pretrain', '--resume', 'halves', '--steps', '4'])
    expect(resumed.code).toBe(0)
    expect(weights('halves').equals(weights('through'))).toBe(true)
  })
})

describe('is refused in one line, and nothing is written:', () => {
  beforeAll(async () => {
    await bertkin(['pretrain', 'text.txt', '--recipe', 'bert', '--out', 'a-bert', ...begun])
    await bertkin(['pretrain', 'text.txt', '--recipe', 'electra', '--out', 'an-electra', ...begun])
    await bertkin(['train-tokenizer', 'text.txt', '--type', 'wordpiece', '--vocab-size', '500', '--out', 'more-tokens'])
    symlinkSync('a-bert', join(scratch, 'a-link'))
    mkdirSync(join(scratch, 'hollow'), { recursive: true })
    writeFileSync(join(scratch, 'hollow', 'config.json'), JSON.stringify({ ...configOf('a-bert'), vocab_size: 401 }))
  })
  it.each<readonly [string, readonly string[], string]>([
    ['no such folder', ['--model', 'nowhere'], 'nowhere'],
    ['a size beside it', ['--model', 'a-bert', '--size', 'mini'], 'has its own size: leave out --size'],
    ['layers beside it', ['--model', 'a-bert', '--layers', '2'], 'has its own layers: leave it out'],
    ['another kin', ['--model', 'a-bert', '--recipe', 'albert'], 'trains models of the type albert, not bert'],
    ['longer texts', ['--model', 'a-bert', '--max-length', '100'], 'reads 24 tokens at most, not 100'],
    ['a larger vocabulary', ['--model', 'a-bert', '--tokenizer', 'more-tokens'], 'tokens, but the model knows 400'],
    ['half an ELECTRA', ['--model', 'an-electra/generator'], 'ELECTRA is trained with two'],
    ['the folder that it is in', ['--model', 'a-bert', '--out', './a-bert'], 'choose another folder for the result'],
    ['that folder by a link', ['--model', 'a-bert', '--out', 'a-link'], 'choose another folder for the result'],
    ['a file', ['--model', 'text.txt'], 'text.txt'],
    ['weights missing', ['--model', 'hollow', '--tokenizer', 'a-bert'], 'hollow'],
  ] satisfies readonly (readonly [string, readonly string[], string])[])('%s', async (_, more, message) => {
    const args = ['pretrain', 'other.txt', '--steps', '1', ...brief, '--out', 'refused', ...more]
    const { code, stderr } = await bertkin(args)
    expect(code).toBe(1)
    expect(stderr).toContain(message)
    expect(stderr.match(/^error: /gm)).toHaveLength(1)
    expect(() => readFileSync(join(scratch, 'refused', 'run.json'))).toThrow()
  })
})
