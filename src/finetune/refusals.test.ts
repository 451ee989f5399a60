// What fine-tuning refuses, each time before anything is written.

import { readFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { writeFolderAtomically } from '../checkpoint/index.js'
import { removeTemporaryFolders, temporaryFolder } from '../pipeline/testing/tinyCheckpoint.js'
import { evaluateCheckpoint, type FinetuningOptions, finetune } from './index.js'
import { data, run, settings, start, texts } from './testing/tinyFinetuning.js'

afterAll(removeTemporaryFolders)

describe('refuses, before anything is written,', () => {
  const refused = async (options: Partial<FinetuningOptions<'text-classification'>>, code: string, message: RegExp) => {
    const out = join(await temporaryFolder(), 'out')
    const model = options.model ?? (await start())
    const promise = finetune('text-classification', {
      ...settings,
      train: data(texts),
      dev: data(texts),
      out,
      ...options,
      model,
    })
    await expect(promise).rejects.toMatchObject({ code, message: expect.stringMatching(message) as string })
    expect(() => readFileSync(join(out, 'config.json'))).toThrow('ENOENT')
  }

  it('labels that only occur in dev', () =>
    refused(
      { dev: data([{ text: 'a', label: 'odd' }]) },
      'label-unknown',
      /"odd".*does not occur in the training data/,
    ))

  it('a tokenizer of another model', async () =>
    refused({ model: await start({ vocabSize: 20 }) }, 'token-out-of-range', /25 tokens, but the model knows 20/))

  it('second texts, where tokenizer and model do not agree on them', async () => {
    const model = await start({ modelType: 'roberta', config: { typeVocabSize: 1 } })
    const pairs = data([
      { text: 'the cat', textPair: 'a dog', label: 'odd' },
      { text: 'a dog', textPair: 'the cat', label: 'even' },
    ])
    await refused({ model, train: pairs, dev: pairs }, 'token-out-of-range', /token type 1, but the model knows 1 only/)
  })

  it('an encoder that is not complete', async () =>
    refused(
      { model: await start({ without: /layer\.1\.output/ }) },
      'parameter-missing',
      /lacks bert\.encoder\.layer\.1\.output\S+ and 3 more/,
    ))

  it('a folder without weights, unless it is asked for', async () => {
    const full = await start()
    const bare = join(await temporaryFolder(), 'bare')
    const names = ['config.json', 'vocab.txt', 'tokenizer_config.json']
    const files = await Promise.all(
      names.map(async (name) => [name, await readFile(join(full, name), 'utf8')] as const),
    )
    await writeFolderAtomically(bare, Object.fromEntries(files))
    await refused({ model: bare }, 'file-missing', /--from-scratch/)
    const { plan } = await run('text-classification', { model: bare, train: data(texts), epochs: 1, fromScratch: true })
    expect(plan.fresh).toContain('bert.embeddings.word_embeddings.weight')
  })

  it('impossible settings', async () => {
    await refused({ maxLength: 17 }, 'option-invalid', /from 8 to 16/)
    await refused({ epochs: 0 }, 'option-invalid', /epochs/)
    await refused({ warmup: 2 }, 'option-invalid', /share of all steps/)
    await refused({ train: data([]) }, 'data-empty', /no training examples/)
    await refused({ dev: data([]) }, 'data-empty', /no examples to judge/)
    await refused({ metric: 'beauty' }, 'option-invalid', /no metric "beauty"; there are accuracy/)
    const model = await start()
    await refused({ model, out: model }, 'option-invalid', /choose another folder/).catch((error: Error) => {
      expect(error.message).toContain('ENOENT') // the model itself is there, and untouched
    })
  })

  it('a model of another task, for evaluation', async () => {
    const model = await start({ head: 'question-answering' })
    for (const task of ['text-classification', 'multiple-choice'] as const) {
      const examples = task === 'multiple-choice' ? [{ question: 'a', choices: ['a', 'b'], label: 0 }] : texts
      await expect(evaluateCheckpoint(task, model, examples as never)).rejects.toMatchObject({ code: 'head-mismatch' })
    }
  })
})
