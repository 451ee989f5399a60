// Words with labels, questions about a context, multiple choice.

import { describe, expect, test } from 'vitest'
import { type ChoiceExampleOptions, choiceExamples } from './choiceExamples.js'
import { memoryFile } from './dataFile.js'
import { questionExamples } from './questionExamples.js'
import { squadRows } from './squadRows.js'
import { all, errorOf, rowsOf } from './testing/rows.js'
import { tokenExamples } from './tokenExamples.js'

describe('words', () => {
  test('come with a label each', async () => {
    const { examples, columns } = await tokenExamples(rowsOf({ tokens: ['Tom', 'is'], ner_tags: ['B', 'O'] }))
    expect(examples).toMatchObject([{ words: ['Tom', 'is'], labels: ['B', 'O'] }])
    expect(columns).toEqual({ words: 'tokens', labels: 'ner_tags' })
    const named = await tokenExamples(rowsOf({ tokens: ['Tom'], tags: [1] }), { labelNames: ['O', 'B'] })
    expect(named).toMatchObject({ examples: [{ labels: ['B'] }], labelNames: ['O', 'B'] })
  })

  test.each<[Record<string, unknown>, string]>([
    [{ words: ['a', 'b'], labels: ['O'] }, '2 words but 1 labels'],
    [{ words: [], labels: [] }, 'the sentence has no words'],
    [{ words: ['a', 1], labels: ['O', 'O'] }, '"words" should be a list of texts'],
    [{ words: 'a b', labels: 'O O' }, 'should be a list, but is the text "a b". Lists of words need jsonl'],
    [{ words: ['a'], labels: [['O']] }, 'expected a label'],
    [{ words: ['a'], tag: ['O'] }, 'no column for the labels'],
  ])('%j is refused', async (row, message) => {
    expect((await errorOf(tokenExamples(rowsOf(row)))).message).toContain(message)
  })
})

const squad = (qas: unknown, context: unknown = 'Tom 😀 is here. Tom.'): string =>
  JSON.stringify({ version: '2.0', data: [{ title: 'T', paragraphs: [{ context, qas }] }] }, null, 1)
const questions = async (text: string) => (await questionExamples(squadRows(memoryFile('f', text)))).examples

describe('SQuAD', () => {
  test('counts code points, and comes out in UTF-16 units', async () => {
    const [example] = await questions(
      squad([{ id: 'a', question: 'Who?', answers: [{ text: 'here. Tom', answer_start: 9 }] }]),
    )
    expect(example).toMatchObject({ id: 'a', question: 'Who?', answers: [{ text: 'here. Tom', start: 10 }] })
    const { context, answers } = example!
    expect(context.slice(answers[0]!.start, answers[0]!.start + 9)).toBe('here. Tom')
    // Written by JavaScript: the same answer, counted in UTF-16 units.
    const [other] = await questions(
      squad([{ id: 'a', question: 'Who?', answers: [{ text: 'here. Tom', answer_start: 10 }] }]),
    )
    expect(other!.answers).toEqual(answers)
  })

  test('has unanswerable questions', async () => {
    const qas = [
      {
        id: 'a',
        question: 'Who?',
        answers: [],
        is_impossible: true,
        plausible_answers: [{ text: 'x', answer_start: 0 }],
      },
      { id: 'b', question: 'Who?', answers: [{ text: 'Tom', answer_start: 0 }], is_impossible: false },
      { id: 'c', question: 'Who?', is_impossible: true },
    ]
    expect((await questions(squad(qas))).map(({ answers }) => answers.length)).toEqual([0, 1, 0])
  })

  test('has lines and paths', async () => {
    const [row] = await all(squadRows(memoryFile('f', squad([{ id: 'a' }]))))
    expect(row!.place).toEqual({ file: 'f', line: 10, item: 'data[0].paragraphs[0].qas[0]' })
    expect(row!.fields.get('title')).toBe('T')
  })

  const answer = { text: 'Tom', answer_start: 0 }
  test.each<[unknown, string]>([
    [
      { id: 'a', question: 'Who?', answers: [{ text: 'Tom', answer_start: 1 }] },
      '"Tom" does not stand at 1, where the context has "om "',
    ],
    [{ id: 'a', question: 'Who?', answers: [{ text: 'Ann', answer_start: 1 }] }, 'It occurs nowhere'],
    [{ id: 'a', question: 'Who?', answers: [{ text: 'Tom', answer_start: 9e9 }] }, 'does not stand at 9000000000'],
    [
      { id: 'a', question: 'Who?', answers: [{ text: 'Tom', answer_start: -1 }] },
      'expected an answer_start of 0 or more',
    ],
    [{ id: 'a', question: 'Who?', answers: [{ text: '', answer_start: 0 }] }, 'an answer is empty'],
    [{ id: 'a', question: 'Who?', answers: ['Tom'] }, 'should be a list of { text, answer_start }'],
    [{ id: 'a', question: ' ', answers: [answer] }, 'the "question" is empty'],
    [
      { id: 'a', question: 'Who?', answers: [answer], is_impossible: true },
      'is_impossible is true, but there are 1 answers',
    ],
    [
      { id: 'a', question: 'Who?', answers: [], is_impossible: false },
      'is_impossible is false, but there is no answer',
    ],
    [{ id: {}, question: 'Who?', answers: [answer] }, '"id" should be an id'],
  ])('%j is refused', async (question, message) => {
    const error = await errorOf(questions(squad([question])))
    expect(error.message).toContain(message)
    expect(error.message).toMatch(/^f:10 \(data\[0\]\.paragraphs\[0\]\.qas\[0\]\): /)
  })

  test.each<[string, string]>([
    ['{"data": 1}', 'f:1 (data): expected the array "data", found the number 1'],
    [
      '{"data": [{"title": "x"}]}',
      '(data[0].paragraphs): expected the array "paragraphs" beside "title", found nothing',
    ],
    [squad('x'), 'expected the array "qas"'],
    [squad([], 3), '(data[0].paragraphs[0].context): expected the text "context", found the number 3'],
    [squad([7]), 'qas[0]): expected an object, found the number 7'],
    ['[]', 'expected an object with "data", found an empty list'],
  ])('layout %# is refused', async (text, message) => {
    expect((await errorOf(questions(text))).message).toContain(message)
  })

  test('ids occur once', async () => {
    const qa = { id: 'a', question: 'Who?', answers: [answer] }
    expect((await errorOf(questions(squad([qa, qa])))).message).toContain('the id "a" occurs a second time')
  })

  test('has flat relatives', async () => {
    const columns = { question: 'Who?', context: '😀 Tom' }
    const flat = await questionExamples(
      rowsOf(
        { ...columns, answers: { text: ['Tom'], answer_start: [2] } },
        { ...columns, answers: { text: [], answer_start: [] } },
      ),
    )
    expect(flat.examples).toMatchObject([
      { id: '1', answers: [{ text: 'Tom', start: 3 }] },
      { id: '2', answers: [] },
    ])
    const csv = rowsOf(
      { ...columns, answer_text: 'Tom', answer_start: '2' },
      { ...columns, answer_text: '', answer_start: '' },
    )
    expect((await questionExamples(csv)).examples.map(({ answers }) => answers)).toEqual([
      [{ text: 'Tom', start: 3 }],
      [],
    ])
    const bad = rowsOf({ ...columns, answers: { text: ['Tom'], answer_start: [] } })
    expect((await errorOf(questionExamples(bad))).message).toContain('has 1 texts but 0 starts')
    expect((await errorOf(questionExamples(rowsOf(columns)))).message).toContain('no column for the answers')
  })
})

describe('multiple choice', () => {
  const read = async (row: Record<string, unknown>, options?: ChoiceExampleOptions) =>
    (await choiceExamples(rowsOf(row), options)).examples[0]

  test.each<[string, Record<string, unknown>, Record<string, unknown>]>([
    ['plain', { question: 'q', choices: ['a', 'b'], label: 1 }, { question: 'q', choices: ['a', 'b'], label: 1 }],
    [
      'RACE',
      { article: 'c', question: 'q', options: ['a', 'b'], answer: 'B' },
      { context: 'c', choices: ['a', 'b'], label: 1 },
    ],
    [
      'SWAG',
      { sent1: 'c', sent2: 'q', ending0: 'a', ending1: 'b', label: 0 },
      { context: 'c', question: 'q', choices: ['a', 'b'], label: 0 },
    ],
    ['HellaSwag', { ctx: 'q', endings: ['a', 'b', 'd'], label: '2' }, { question: 'q', label: 2 }],
    [
      'ARC',
      { question: 'q', choices: { text: ['a', 'b'], label: ['1', '2'] }, answerKey: '2' },
      { choices: ['a', 'b'], label: 1 },
    ],
    ['PIQA', { goal: 'q', sol1: 'a', sol2: 'b', label: 1 }, { question: 'q', choices: ['a', 'b'], label: 1 }],
    ['MMLU', { question: 'q', A: 'a', B: 'b', C: '1', answer: 'C' }, { choices: ['a', 'b', '1'], label: 2 }],
  ])('%s', async (_, row, expected) => {
    expect(await read(row)).toMatchObject(expected)
  })

  test('may count from one', async () => {
    const row = { sentence: 'q', option1: 'a', option2: 'b', answer: '2' }
    expect(await read(row, { firstChoice: 1 })).toMatchObject({ label: 1 })
    expect((await errorOf(read(row))).message).toContain('If labels begin with 1, set firstChoice: 1.')
  })

  test.each<[Record<string, unknown>, string]>([
    [{ question: 'q', choices: ['a'], label: 0 }, 'at least two choices, but there are 1'],
    [{ question: 'q', choices: ['a', ''], label: 0 }, 'a choice is empty'],
    [{ question: 'q', choices: ['a', 'b'], label: 2.5 }, '"label" should be a number from 0 to 1'],
    [{ question: 'q', choices: ['a', 'b'], label: 'C' }, 'or a letter up to B, but is the text "C"'],
    [{ question: 'q', choices: { text: ['a', 'b'], label: ['A', 'B'] }, label: 1 }, "one of the choices' labels"],
    [{ question: 'q', choices: [1, 2], label: 1 }, 'should be a list of texts'],
    [{ question: '', choices: ['a', 'b'], label: 1 }, 'the "question" is empty'],
    [{ question: 'q', label: 1 }, 'no column for the choices'],
  ])('%j is refused', async (row, message) => {
    expect((await errorOf(read(row))).message).toContain(message)
  })
})
