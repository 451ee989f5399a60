// question-answering and text-classification on the command line: where questions, passages and pairs come from, what is
// printed, and what is refused.

import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { writeTinyCheckpoint } from '../../src/pipeline/testing/tinyCheckpoint.js'
import { bertkin, jsonLines, scratch } from './testing/commandLine.js'

const passage = 'The big cat sat on a mat.'
const extracted = {
  score: expect.any(Number),
  start: expect.any(Number),
  end: expect.any(Number),
  answer: expect.any(String),
}

beforeAll(async () => {
  await writeTinyCheckpoint(join(scratch, 'squad'), { head: 'question-answering' })
  const config = { id2label: ['bad', 'fair', 'good'] }
  await writeTinyCheckpoint(join(scratch, 'labels'), { head: 'sequence-classification', config })
  await writeTinyCheckpoint(join(scratch, 'bert'))
  writeFileSync(join(scratch, 'passage.txt'), `\uFEFF${passage}\n${'walking dogs sat on big mats. '.repeat(30)}`)
  writeFileSync(join(scratch, 'latin.txt'), Buffer.from('un caf\xe9', 'latin1'))
  mkdirSync(join(scratch, 'folder'))
})

/** Asks about the passage. */
const squad = (...args: string[]) => bertkin(['question-answering', 'squad', '--context', passage, ...args])

describe.concurrent('question-answering', () => {
  it('answers as JSON, at its place in the passage', async () => {
    const ended = await squad('--question', 'who?', '--question', 'is?', '--json')
    expect(ended).toMatchObject({ code: 0, stderr: '' })
    const answers = jsonLines(ended) as { start: number; end: number; answer: string }[]
    expect(answers).toEqual([extracted, extracted])
    for (const { start, end, answer } of answers) expect(passage.slice(start, end)).toBe(answer)
  })

  it('takes questions from lines, passages from a file, and both from JSON', async () => {
    const given = await squad('--question', 'who?', '--question', 'the dog?', '--json')
    const typed = await bertkin(['question-answering', 'squad', '--context', passage, '--json'], {
      stdin: 'who?\n\nthe dog?',
    })
    expect(typed.stdout).toBe(given.stdout)
    writeFileSync(join(scratch, 'short.txt'), passage)
    writeFileSync(join(scratch, 'questions.txt'), 'who?\r\nthe dog?\n')
    const files = ['--context-file', 'short.txt', '--file', 'questions.txt']
    expect((await bertkin(['question-answering', 'squad', ...files, '--json'])).stdout).toBe(given.stdout)
    const lines = ['who?', 'the dog?'].map((question, id) => JSON.stringify({ id, question, context: passage }))
    const objects = await bertkin(['question-answering', 'squad', '--json'], { stdin: lines.join('\n') })
    expect(objects.stdout).toBe(given.stdout)
  })

  it('passes its options on', async () => {
    const options = ['--question', 'who?', '--top-k', '100', '--json']
    const [words] = jsonLines(await squad(...options, '--max-answer-len', '1')) as [{ answer: string }[]]
    expect(words.map(({ answer }) => answer).sort()).toEqual(['.', 'The', 'a', 'big', 'cat', 'mat', 'on', 'sat'])
    const [empty] = jsonLines(await squad(...options, '--handle-impossible-answer')) as [{ answer: string }[]]
    expect(empty.some(({ answer }) => answer === '')).toBe(true)
    const walked = ['question-answering', 'squad', '--question', 'a', '--context', 'walked', '--json', '--top-k', '9']
    expect(jsonLines(await bertkin(walked))).toEqual([extracted])
    expect(jsonLines(await bertkin([...walked, '--no-align-to-words']))).toEqual([[extracted, extracted, extracted]])
    const windows = ['--question', 'is?', '--context-file', 'passage.txt', '--max-seq-len', '12', '--doc-stride', '2']
    expect(jsonLines(await bertkin(['question-answering', 'squad', ...windows, '--json']))).toEqual([extracted])
  })

  it('shows the answer in the passage, and scores', async () => {
    const { stdout } = await squad('--question', 'who?', '--top-k', '2')
    const [question, shown, first, second, ...rest] = stdout.split('\n')
    expect(question).toBe('who?')
    expect(shown!.replaceAll(/[[\]]/g, '')).toBe(`  ${passage}`)
    const [, answer] = /\[(.+)\]/.exec(shown!)!
    expect(first!.trim().startsWith(answer!)).toBe(true)
    for (const line of [first, second]) expect(line).toMatch(/^ {2}\S.* [01]\.\d{4} +█*$/)
    expect(rest).toEqual(['', ''])
  })

  it('shows the surroundings alone of an answer in a long passage', async () => {
    const { stdout } = await bertkin([
      'question-answering',
      'squad',
      '--question',
      'who?',
      '--context-file',
      'passage.txt',
    ])
    expect(stdout.split('\n')[1]).toMatch(/ …$/)
    expect(stdout.length).toBeLessThan(800)
  })

  it.each([
    ['an empty question', ['--question', '', '--context', 'a'], {}, 'the question is empty'],
    ['an empty passage', ['--question', 'a', '--context', ''], {}, 'the context is empty'],
    ['no passage', ['--question', 'a'], {}, 'give it with --context or --context-file'],
    ['two passages', ['--question', 'a', '--context', 'a', '--context-file', 'b'], {}, 'not both'],
    ['questions twice', ['--question', 'a', '--context', 'a', '--file', 'b'], {}, 'not both'],
    ['no question', ['--context', 'a'], {}, 'give questions with --question'],
    ['a missing passage', ['--question', 'a', '--context-file', 'nowhere'], {}, 'there is no such file'],
    ['a folder for a passage', ['--question', 'a', '--context-file', 'folder'], {}, 'it is a folder'],
    ['a passage in Latin-1', ['--question', 'a', '--context-file', 'latin.txt'], {}, 'latin.txt is not UTF-8'],
    ['an overlap of a whole window', ['--question', 'a', '--context', 'a', '--doc-stride', '17'], {}, 'more than 16'],
    ['a long question', ['--question', 'a '.repeat(99), '--context', 'a'], {}, 'leaves no room for the context'],
    ['no JSON', [], { stdin: 'who?\n' }, '"who?" is not a JSON object like {"question"'],
    ['a list', [], { stdin: '["who?", "a"]\n' }, 'is not a JSON object'],
    ['brackets in brackets', [], { stdin: '['.repeat(1e6) }, 'is not a JSON object'],
    ['a line without a context', [], { stdin: '{"question": "a"}\n' }, 'the context is missing'],
  ])('%s is refused', async (_, args, input, message) => {
    const { code, stdout, stderr } = await bertkin(['question-answering', 'squad', ...args], input)
    expect(stderr).toMatch(/^error: [^\n]+\n$/)
    expect(stderr).toContain(message)
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
  })

  it('needs a model that answers questions', async () => {
    const { code, stderr } = await bertkin(['question-answering', 'bert', '--question', 'a', '--context', 'a'])
    expect(code).toBe(1)
    expect(stderr).toContain('Such a model is for fill-mask; question-answering needs BertForQuestionAnswering')
  })
})

describe.concurrent('text-classification', () => {
  const label = { label: expect.stringMatching(/^(bad|fair|good)$/), score: expect.any(Number) }

  it('answers as JSON, a text a line', async () => {
    const ended = await bertkin(['text-classification', 'labels', 'the cat', 'a dog', '--json'])
    expect(ended).toMatchObject({ code: 0, stderr: '' })
    const answers = jsonLines(ended) as { score: number }[][]
    expect(answers).toEqual([
      [label, label, label],
      [label, label, label],
    ])
    for (const labels of answers) expect(labels.reduce((sum, { score }) => sum + score, 0)).toBeCloseTo(1, 5)
    const best = await bertkin(['sentiment-analysis', 'labels', 'the cat', '--top-k', '1', '--json'])
    expect(jsonLines(best)).toEqual([answers[0]!.slice(0, 1)])
    const all = await bertkin(['text-classification', 'labels', 'the cat', '--top-k', 'all', '--json'])
    expect(jsonLines(all)).toEqual([answers[0]])
  })

  it('takes pairs from an option and from JSON lines', async () => {
    const given = await bertkin(['text-classification', 'labels', 'the cat', '--pair', 'a dog', '--json'])
    const line = '{"text": "the cat", "text_pair": "a dog"}\n'
    const typed = await bertkin(['text-classification', 'labels', '--jsonl', '--json'], { stdin: line })
    expect(typed.stdout).toBe(given.stdout)
    const alone = await bertkin(['text-classification', 'labels', 'the cat', '--json'])
    expect(alone.stdout).not.toBe(given.stdout)
  })

  it('shows bars for people, of scores as they were asked for', async () => {
    const { stdout } = await bertkin(['text-classification', 'labels', 'the cat'])
    expect(stdout).toMatch(/^the cat\n( {2}(bad|fair|good) +[01]\.\d{4} +█*\n){3}\n$/)
    const logits = await bertkin(['text-classification', 'labels', 'the cat', '--function-to-apply', 'none'])
    expect(logits.stdout).toMatch(/^the cat\n( {2}(bad|fair|good) +-?\d+\.\d{4} +█*\n){3}\n$/)
  })

  it('cuts long pairs when told to, and says what went', async () => {
    const pair = ['text-classification', 'labels', 'cat '.repeat(20), '--pair', 'dog', '--json']
    const cut = await bertkin([...pair, '--truncation'])
    expect(cut.code).toBe(0)
    expect(cut.stderr).toMatch(/^warning: [^\n]+: the last 8 of the first were cut off\n$/)
    expect((await bertkin(pair)).stderr).toContain('--truncation')
  })

  it.each([
    ['no JSON', ['--jsonl'], { stdin: 'a\n' }, '"a" is not a JSON object like {"text"'],
    ['a text that is a number', ['--jsonl'], { stdin: '{"text": 5}\n' }, 'must be a string, not number'],
    ['a misspelt field', ['--jsonl'], { stdin: '{"text": "a", "pair": "b"}\n' }, 'knows no "pair"'],
    ['arguments with --jsonl', ['a', '--jsonl'], {}, 'with --jsonl, texts and their pairs come from lines'],
    ['a long text', ['cat '.repeat(20)], {}, 'has 22 tokens, the model takes 16'],
    ['no text', [], {}, 'there is no text in standard input'],
  ])('%s is refused', async (_, args, input, message) => {
    const { code, stdout, stderr } = await bertkin(['text-classification', 'labels', ...args], input)
    expect(stderr).toMatch(/^error: [^\n]+\n$/)
    expect(stderr).toContain(message)
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
  })

  it.each([
    [['--top-k', '0'], 'at least 1, or "all"'],
    [['--function-to-apply', 'tanh'], 'Allowed choices are sigmoid, softmax, none'],
  ])('%o gives one line and a hint', async (args, message) => {
    const { code, stderr } = await bertkin(['text-classification', 'labels', 'a', ...args])
    expect(stderr).toContain(message)
    expect(stderr).toMatch(/^error: [^\n]+\n\(add --help for usage\)\n$/)
    expect(code).toBe(1)
  })
})
