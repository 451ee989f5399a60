import { execFileSync } from 'node:child_process'
import { describe, expect, test } from 'vitest'
import { Random } from '../random.js'
import { normalizeAnswer, type SquadQuestion, squadScores } from './squad.js'
import { type SquadV2Prediction, squadV2Scores } from './squadV2.js'

const question = (id: string, ...answers: string[]): SquadQuestion => ({
  id,
  answers: answers.map((text) => ({ text })),
})

describe('normalizing', () => {
  test.each([
    ['The "Big  Apple", U.S.A.', 'big apple usa'],
    ['a the an', ''],
    ['theatre, an\tapple', 'theatre apple'],
    ['A-b', 'ab'],
    ['éa the_x a', 'éa thex'], // an underscore is punctuation, é is part of a word
    ['½a x²an', '½a x²an'], // and so are these to Python
    ['x\u0301 a\u0301', 'x\u0301 \u0301'], // but combining marks are not
    ['1\u00a02\u30003\u001c4\u200b5', '1 2 3 4\u200b5'],
    ['“the” cat', '“ ” cat'], // only ASCII punctuation goes
    ['İSTANBUL', 'i̇stanbul'],
  ])('%j', (text, expected) => {
    expect(normalizeAnswer(text)).toBe(expected)
  })
})

describe('SQuAD 1.1', () => {
  test('takes the best of the right answers, for each measure', () => {
    const questions = [question('1', 'the atmospheric engine', 'engine'), question('2', 'x')]
    const scores = squadScores(
      questions,
      new Map([
        ['1', 'atmospheric steam engine'],
        ['2', 'X.'],
      ]),
    )
    // atmospheric engine: 2 words in common, precision 2/3, recall 1
    expect(scores).toEqual({ exactMatch: 50, f1: (80 + 100) / 2, total: 2 })
  })

  test('counts words as often as they occur in both', () => {
    // two of four words, two of three: 2 · (1/2 · 2/3) / (1/2 + 2/3)
    expect(squadScores([question('1', 'b b c')], new Map([['1', 'b b b d']])).f1).toBeCloseTo(400 / 7, 10)
  })

  test('gives nothing for nothing', () => {
    expect(
      squadScores(
        [question('1', 'x'), question('2', 'y')],
        new Map([
          ['1', 'x'],
          ['3', 'y'],
        ]),
      ),
    ).toEqual({
      exactMatch: 50,
      f1: 50,
      total: 2,
    })
    expect(squadScores([question('1', 'The')], new Map([['1', '...']]))).toEqual({ exactMatch: 100, f1: 0, total: 1 })
    expect(squadScores([question('1', 'x')], new Map([['1', '']]))).toEqual({ exactMatch: 0, f1: 0, total: 1 })
    expect(() => squadScores([], new Map())).toThrow('no questions')
    expect(() => squadScores([question('q')], new Map())).toThrow('The question "q" has no answer')
  })
})

describe('SQuAD 2.0', () => {
  const questions = [question('1', 'Tom Thumb'), question('2'), question('3'), question('4', 'Ann')]
  const predictions = new Map<string, SquadV2Prediction>([
    ['1', { text: 'Tom', noAnswer: 0.2 }],
    ['2', { text: 'Bob', noAnswer: 0.7 }],
    ['3', { text: '', noAnswer: 0.9 }],
    ['4', { text: 'Ann', noAnswer: 0.4 }],
  ])

  test('apart and together', () => {
    const scores = squadV2Scores(questions, predictions)
    expect(scores).toMatchObject({
      exactMatch: 50,
      f1: expect.closeTo((200 / 3 + 0 + 100 + 100) / 4, 9),
      total: 4,
      hasAnswer: { exactMatch: 50, f1: expect.closeTo((200 / 3 + 100) / 2, 9), total: 2 },
      noAnswer: { exactMatch: 50, f1: 50, total: 2 },
    })
    // From none (2 right) over question 1 (exact +0, F1 +2/3) and 4 (+1) to 2 (−1) and 3 (+0).
    expect(scores).toMatchObject({ bestExactMatch: 75, bestExactMatchThreshold: 0.4, bestF1Threshold: 0.4 })
    expect(scores.bestF1).toBeCloseTo((100 * (2 + 2 / 3 + 1)) / 4, 12)
  })

  test('answers above the threshold count as none', () => {
    expect(squadV2Scores(questions, predictions, { threshold: 0.4 })).toMatchObject({
      exactMatch: 75,
      hasAnswer: { exactMatch: 50 },
      noAnswer: { exactMatch: 100, f1: 100 },
    })
    expect(squadV2Scores(questions, predictions, { threshold: 0.3 }).hasAnswer).toMatchObject({
      exactMatch: 0,
      f1: expect.closeTo(100 / 3, 9),
    })
  })

  test('at the edges', () => {
    // Of the answer nothing is left: the empty prediction is right, as far as the script is concerned.
    expect(squadV2Scores([question('1', 'the')], new Map([['1', { text: '' }]]))).toMatchObject({
      exactMatch: 100,
      f1: 100,
    })
    expect(squadV2Scores([question('1', 'x')], new Map([['1', { text: 'a' }]]))).toMatchObject({ exactMatch: 0, f1: 0 })
    const onlyAnswerable = squadV2Scores([question('1', 'x')], new Map())
    expect(onlyAnswerable).toMatchObject({ exactMatch: 0, bestExactMatch: 0, bestExactMatchThreshold: 0 })
    expect('noAnswer' in onlyAnswerable).toBe(false)
    expect('hasAnswer' in squadV2Scores([question('1')], new Map())).toBe(false)
    expect(() => squadV2Scores([], new Map())).toThrow('no questions')
  })
})

const python = process.env.BERTKIN_PYTHON

// transformers has the script's functions in a module of its own.
test.skipIf(python === undefined)('SQuAD 2.0 agrees with transformers’ (needs BERTKIN_PYTHON)', () => {
  const random = new Random(12)
  const words = [
    'the',
    'A',
    'an',
    'Tom',
    'tom',
    "Tom's",
    'é',
    'éa',
    'x-y',
    'U.S.',
    '…',
    '',
    ' ',
    '\u00a0',
    '½',
    '_',
    'ǅ',
    '1,000',
  ]
  const text = (): string => Array.from({ length: random.below(6) }, () => words[random.below(words.length)]).join(' ')
  const cases = Array.from({ length: 30 }, () => ({
    threshold: random.below(3) / 2,
    questions: Array.from({ length: 1 + random.below(12) }, (_, i) => ({
      id: `q${i}`,
      answers: Array.from({ length: random.below(3) }, () => ({ text: `${text()}` })),
      prediction: random.below(3) === 0 ? '' : text(),
      noAnswer: random.below(5) / 4,
    })),
  }))
  const script = `
import json, sys
from types import SimpleNamespace
from transformers.data.metrics.squad_metrics import normalize_answer, squad_evaluate
out = []
for case in json.load(sys.stdin):
    qs = case['questions']
    examples = [SimpleNamespace(qas_id=q['id'], answers=q['answers']) for q in qs]
    preds = {q['id']: q['prediction'] for q in qs}
    probs = {q['id']: q['noAnswer'] for q in qs}
    result = dict(squad_evaluate(examples, preds, probs, case['threshold']))
    result['normalized'] = [normalize_answer(q['prediction']) for q in qs]
    out.append(result)
print(json.dumps(out))`
  const expected = JSON.parse(
    execFileSync(python!, ['-c', script], {
      input: JSON.stringify(cases),
      encoding: 'utf8',
      stdio: ['pipe', 'pipe', 'ignore'],
    }),
  ) as (Record<string, number> & { normalized: string[] })[]
  cases.forEach(({ questions, threshold }, i) => {
    const predictions = new Map(questions.map(({ id, prediction, noAnswer }) => [id, { text: prediction, noAnswer }]))
    const scores = squadV2Scores(questions, predictions, { threshold })
    const flat: Record<string, number | undefined> = {
      exact: scores.exactMatch,
      f1: scores.f1,
      total: scores.total,
      HasAns_exact: scores.hasAnswer?.exactMatch,
      HasAns_f1: scores.hasAnswer?.f1,
      NoAns_exact: scores.noAnswer?.exactMatch,
      NoAns_f1: scores.noAnswer?.f1,
      best_exact: scores.bestExactMatch,
      best_exact_thresh: scores.bestExactMatchThreshold,
      best_f1: scores.bestF1,
      best_f1_thresh: scores.bestF1Threshold,
    }
    const { normalized, ...reference } = expected[i]!
    expect(questions.map(({ prediction }) => normalizeAnswer(prediction))).toEqual(normalized)
    for (const [name, value] of Object.entries(flat)) {
      if (value === undefined) expect(reference[name], name).toBeUndefined()
      else expect(value, name).toBeCloseTo(reference[name]!, 9)
    }
  })
})
