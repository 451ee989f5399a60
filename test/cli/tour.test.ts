// What `npm start` runs: the tour, on small random models, and the training, on a text of one's own.

import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { writeTinyCheckpoint } from '../../src/pipeline/testing/tinyCheckpoint.js'
import { bertkin, scratch, text20 } from './testing/commandLine.js'

const wordsOf = (command: string): string[] =>
  [...command.matchAll(/'((?:[^']|'\\'')*)'|(\S+)/g)].map(
    ([, quoted, bare]) => quoted?.replaceAll("'\\''", "'") ?? bare!,
  )

it('trains, loads back, shows what was learnt, and says how to go on', async () => {
  writeFileSync(join(scratch, 'mine.txt'), text20)
  const args = ['train', 'mine.txt', '--out', 'runs/mine', '--minutes', '0.03']
  const { code, stdout, stderr } = await bertkin(args, { entry: 'tour' })
  expect(stderr).not.toContain('error')
  expect(code).toBe(0)
  expect(stdout).toContain('the generator fills masks')
  expect(stdout).toContain('the discriminator finds replaced words')
  const commands = stdout.slice(stdout.indexOf('Go on')).match(/^ {2}node dist\/cli\/main\.js .+$/gm)
  expect(commands).toHaveLength(4)
  // The commands are such as a shell takes, whatever the text.
  expect(await bertkin(commandsIn(stdout)[0]!)).toMatchObject({ code: 0 })
})

/** The commands that a tour names, as a shell would divide them. */
const commandsIn = (text: string): string[][] =>
  [...text.matchAll(/^ {2}node dist\/cli\/main\.js (.+)$/gm)].map(([, command]) => wordsOf(command!))

describe('the tour of the kin', () => {
  beforeAll(async () => {
    const tiny = (name: string, options: Parameters<typeof writeTinyCheckpoint>[1]) =>
      writeTinyCheckpoint(join(scratch, 'models', name), {
        ...options,
        config: { maxPositionEmbeddings: 128, ...options?.config },
      })
    const labelled = { id2label: ['O', 'B-person', 'I-person'], numLabels: 3 }
    await tiny('albert', { modelType: 'albert', head: 'pretraining' })
    await tiny('albert-entities', { modelType: 'albert', head: 'token-classification', config: labelled })
    await tiny('roberta', { modelType: 'bert' })
    await tiny('roberta-intents', { modelType: 'bert', head: 'sequence-classification', config: labelled })
    await tiny('electra/generator', { modelType: 'electra' })
    await tiny('electra/discriminator', { modelType: 'electra', head: 'pretraining' })
    await tiny('electra-polarity', { modelType: 'electra', head: 'sequence-classification', config: labelled })
    await tiny('spanbert', { modelType: 'bert', head: 'span-boundary' })
    await tiny('spanbert-questions', { modelType: 'bert', head: 'question-answering' })
  })

  it('shows what each does, and how to do it again', async () => {
    const ended = await bertkin(['--models', 'models', '--seconds', '0.5', '--out', 'runs/short'], { entry: 'tour' })
    expect(ended.stderr).not.toContain('error')
    expect(ended.code).toBe(0)
    for (const kin of ['ALBERT', 'RoBERTa', 'ELECTRA', 'SpanBERT', 'Pretraining'])
      expect(ended.stdout).toContain(`\n${kin}:`)
    expect(ended.stdout).toContain('11,683,584') // ALBERT-base, as the paper has it
    expect(ended.stdout.match(/^ {2}epoch \d/gm)).toHaveLength(4)
    expect(existsSync(join(scratch, 'runs/short/report.html'))).toBe(true)
    const commands = commandsIn(ended.stdout).filter((words) => words[0] !== 'pretrain')
    expect(commands.map(([task]) => task)).toEqual([
      ...['inspect', 'sentence-order', 'sentence-similarity', 'token-classification'],
      ...['tokenize', 'fill-mask', 'text-classification', 'replaced-token-detection', 'text-classification'],
      ...['span-infilling', 'question-answering'],
    ])
    for (const words of commands) expect(await bertkin(words), words.join(' ')).toMatchObject({ code: 0 })
  })

  it('says which model is missing', async () => {
    const { code, stderr } = await bertkin(['--models', 'elsewhere'], { entry: 'tour' })
    expect(code).toBe(1)
    expect(stderr).toContain('elsewhere/albert is not there')
  })
})
