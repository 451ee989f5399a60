// What is read back from the files that a run appends to, and which curves are drawn together.

import { describe, expect, it } from 'vitest'
import {
  lastStep,
  lastValue,
  type Metrics,
  panelsOf,
  parseMetrics,
  parseRunFacts,
  parseSamples,
  shellCommand,
} from './index.js'

const lines = (...values: unknown[]): string => values.map((value) => JSON.stringify(value)).join('\n')

describe('metrics.jsonl', () => {
  it('becomes series', () => {
    const metrics = parseMetrics(
      lines({ step: 10, train_loss: 5 }, { step: 20, train_loss: 4 }, { step: 20, loss: 4.5 }),
    )
    expect([...metrics]).toEqual([
      [
        'train_loss',
        [
          [10, 5],
          [20, 4],
        ],
      ],
      ['loss', [[20, 4.5]]],
    ])
    expect(lastStep(metrics)).toBe(20)
    expect(lastValue(metrics, 'loss')).toBe(4.5)
    expect(lastValue(metrics, 'other')).toBeUndefined()
  })

  it('may have been written on from an earlier step', () => {
    const steps = [10, 20, 30, 40, 20, 30]
    const metrics = parseMetrics(lines(...steps.map((step, i) => ({ step, loss: i }))))
    expect(metrics.get('loss')).toEqual([
      [10, 0],
      [20, 4],
      [30, 5],
    ])
  })

  it('may have been torn, or have numbers that are none', () => {
    const metrics = parseMetrics(
      `{"step": 1, "loss": 2}\n\nnull\n[1]\n{"step": 2, "loss": null, "a": "b"}\n{"loss": 3}\n{"step": 3, "lo`,
    )
    expect([...metrics]).toEqual([['loss', [[1, 2]]]])
    expect(lastStep(parseMetrics(''))).toBe(0)
  })
})

const of = (...names: string[]): Metrics =>
  parseMetrics(lines(Object.fromEntries([['step', 1], ...names.map((name) => [name, 1])])))
const titles = (...names: string[]): [string, string[]][] =>
  panelsOf(of(...names)).map(({ title, curves }) => [title, curves.map(({ name }) => name)])

describe('panels', () => {
  it('put training and held-out losses together, and what was measured of each part', () => {
    expect(
      titles(
        'train_loss',
        'train_mlm_loss',
        'train_rtd_loss',
        'learning_rate',
        'loss',
        'mlm_loss',
        'rtd_loss',
        'mlm_accuracy',
        'mlm_unigram_entropy',
        'rtd_auc',
        'rtd_recall',
        'tokens',
        'seconds',
      ),
    ).toEqual([
      ['Loss', ['training batches', 'held-out']],
      ['Loss: masked tokens', ['training batches', 'held-out', 'unigram entropy']],
      ['Loss: replaced token detection', ['training batches', 'held-out']],
      ['Held-out: masked tokens', ['accuracy']],
      ['Held-out: replaced token detection', ['AUC', 'recall']],
      ['Learning rate', ['learning rate']],
    ])
  })

  it('draw no total of a single part', () => {
    expect(titles('train_loss', 'train_mlm_loss', 'loss', 'mlm_loss')).toEqual([
      ['Loss: masked tokens', ['training batches', 'held-out']],
    ])
  })

  it('draw what they do not know, too', () => {
    expect(titles('loss', 'squad_f1', 'accuracy', 'my_own_loss')).toEqual([
      ['Loss: my_own', ['held-out']],
      ['squad F1', ['squad F1']],
      ['accuracy', ['accuracy']],
    ])
  })
})

describe('samples.jsonl', () => {
  const sample = { before: 'a', after: 'b', meant: 'c', probability: 0.5, guesses: [{ token: 'c', score: 0.5 }] }
  it('is read in order of steps, from where a run went on', () => {
    const text = lines(...[10, 20, 30, 20].map((step) => ({ step, samples: [sample] })))
    expect(parseSamples(text).map(({ step }) => step)).toEqual([10, 20])
  })
  it('may be anything', () => {
    const odd = [
      { step: 1 },
      { step: 1, samples: [{}] },
      { step: 1, samples: [null] },
      { step: 1, samples: [{ ...sample, guesses: [1] }] },
    ]
    expect(parseSamples(`${lines(...odd, { step: 2, samples: [sample] })}\n{"st`)).toEqual([
      { step: 2, samples: [sample] },
    ])
  })
})

describe('run.json', () => {
  it('may be anything', () => {
    const empty = { title: '', command: [], started: '', settings: {}, environment: {}, models: [] }
    const data = { files: 0, documents: 0, words: 0, heldOutEvery: 0 }
    for (const text of [
      '',
      '[]',
      'null',
      '{"models": 3, "data": [], "settings": "x", "title": {}}',
      '{"command": "x"}',
    ]) {
      expect(parseRunFacts(text)).toEqual({ ...empty, data })
    }
  })
})

it('a command is written as a shell reads it', () => {
  expect(shellCommand(['bertkin', 'pretrain', 'a b', "it's", '--x=1', '', '$(rm)'])).toBe(
    `bertkin pretrain 'a b' 'it'\\''s' --x=1 '' '$(rm)'`,
  )
})
