// Diagrams, the page and the card: that they hold what they are given, as text and never as markup, and ask for nothing.

import { describe, expect, it } from 'vitest'
import { createConfig } from '../checkpoint/index.js'
import { HEADS, kins } from '../model/index.js'
import {
  CARD_MARK,
  type CardContent,
  drawPanel,
  drawPicture,
  modelCard,
  type Point,
  parseMetrics,
  parseRunFacts,
  type RunFacts,
  reportPage,
} from './index.js'
import { shortNumber, ticks } from './scale.js'

describe('axes', () => {
  it.each([
    [0, 1, 4, [0, 0.5, 1]],
    [0, 0.97, 5, [0, 0.2, 0.4, 0.6, 0.8, 1]],
    [4.81, 7.34, 4, [4, 5, 6, 7, 8]],
    [0, 900, 5, [0, 200, 400, 600, 800, 1000]],
    [0, 5e-4, 4, [0, 2e-4, 4e-4, 6e-4]],
    [-3, -1, 4, [-3, -2.5, -2, -1.5, -1]],
  ])('from %d to %d are marked at round numbers', (low, high, count, expected) => {
    expect(ticks(low, high, count)).toEqual(expected)
  })

  it.each([
    [0, '0'],
    [0.5, '0.5'],
    [5.1638, '5.16'],
    [0.0005, '5e−4'],
    [0.00123, '1.2e−3'],
    [123.4, '123'],
    [4374.2, '4,374'],
    [303466, '303k'],
    [12_000, '12k'],
    [2_500_000, '2.5M'],
    [-7, '-7'],
    [100, '100'],
  ])('%d is written %s', (value, text) => {
    expect(shortNumber(value)).toBe(text)
  })
})

const curve = (points: readonly Point[], more = {}) => ({ name: 'held-out', points, ...more })
const pathsOf = (svg: string): string[] => [...svg.matchAll(/ d="([^"]*)"/g)].map(([, path]) => path!)

describe('a diagram', () => {
  it('draws a line through its points, the lowest below and the highest above', () => {
    const { svg, steps, values } = drawPanel({
      title: 'Loss',
      curves: [
        curve([
          [0, 9],
          [50, 5],
          [100, 6],
        ]),
      ],
    })
    expect(steps).toEqual([0, 100])
    expect(values).toEqual([5, 9])
    // The frame is 560 × 260 with 56 to the left, 14 to the right, 58 above and 28 below.
    expect(pathsOf(svg)).toContain('M56.0 58.0L301.0 232.0L546.0 188.5')
  })

  it('draws thousands of points as hundreds, with the first and the last', () => {
    const points = Array.from({ length: 100_000 }, (_, i): Point => [i, Math.sin(i / 1e4)])
    const { curves, svg } = drawPanel({ title: 'x', curves: [curve(points, { noisy: true })] })
    expect(curves[0]!.points.length).toBeLessThanOrEqual(400)
    expect(curves[0]!.points[0]).toEqual([0, 0])
    expect(curves[0]!.points.at(-1)![0]).toBe(99_999)
    expect(svg.length).toBeLessThan(20_000)
  })

  it.each([
    ['one point', [[3, 2]]],
    [
      'points of one value',
      [
        [1, 5],
        [2, 5],
      ],
    ],
    [
      'zeros',
      [
        [1, 0],
        [2, 0],
      ],
    ],
    ['no points', []],
  ] as [string, Point[]][])('of %s has no number that is none', (_, points) => {
    expect(drawPanel({ title: 'x', curves: [curve(points)] }).svg).not.toMatch(/NaN|Infinity|undefined/)
  })

  it('stands alone as a picture', () => {
    const picture = drawPicture(
      [
        {
          title: 'a < b',
          curves: [
            curve([
              [0, 1],
              [9, 2],
            ]),
          ],
        },
      ],
      'a & b',
    )
    expect(picture).toContain('<title>a &amp; b</title>')
    expect(picture).toContain('a &lt; b')
    expect(picture).toContain('xmlns="http://www.w3.org/2000/svg"')
  })
})

const EVIL = `</script><img src=x onerror="alert('1')">&`
const facts: RunFacts = {
  title: `electra ${EVIL}`,
  command: ['bertkin', 'pretrain', EVIL],
  started: '2030-01-02T03:04:05.678Z',
  settings: { learningRate: 5e-4, maxLength: 128, texts: [EVIL], warmup: undefined },
  data: { files: 2, documents: 30, words: 4000, heldOutEvery: 20 },
  environment: { node: 'v20' },
  models: [
    {
      folder: 'generator',
      architecture: 'ElectraForMaskedLM',
      parameters: [{ name: `head ${EVIL}`, tensors: 2, parameters: 1000 }],
    },
  ],
}
const metrics = parseMetrics(
  [10, 20, 30]
    .map(
      (step) =>
        `{"step":${step},"train_mlm_loss":${9 - step / 10},"mlm_loss":7,"mlm_accuracy":0.25,"tokens":${step * 100}}`,
    )
    .join('\n'),
)
const samples = [100, 200].map((step) => ({
  step,
  samples: [
    {
      before: 'the ',
      after: ` is ${EVIL}`,
      meant: 'Key',
      probability: 0.25,
      guesses: [
        { token: 'key', score: 0.25 },
        { token: EVIL, score: 0.1 },
      ],
    },
  ],
}))

describe('report.html', () => {
  const page = reportPage({ facts, metrics, samples })

  it('shows everything', () => {
    for (const text of [
      '2030-01-02 03:04:05 UTC',
      '25.0 %',
      'Loss: masked tokens',
      'ElectraForMaskedLM',
      'learning rate',
      '0.0005',
      '4,000',
      'bertkin pretrain',
      '<mark>Key</mark>',
      'class="right"',
    ]) {
      expect(page).toContain(text)
    }
    expect(page.match(/<svg/g)).toHaveLength(2)
    expect(page).not.toMatch(/undefined|NaN|\[object/)
  })

  it('takes no text for markup', () => {
    expect(page).not.toContain('<img')
    expect(page.match(/<\/script>/g)).toHaveLength(2)
    const json = /<script type="application\/json" id="panels">(.*?)<\/script>/s.exec(page)![1]!
    expect(JSON.parse(json)).toMatchObject({
      panels: [
        {
          steps: [0, 30],
          curves: [
            {
              points: [
                [10, 8],
                [20, 7],
                [30, 6],
              ],
            },
            {},
          ],
        },
        {},
      ],
    })
  })

  it('asks for nothing: no address, no link, no import', () => {
    const withoutNames = page.replaceAll('http://www.w3.org/2000/svg', '')
    expect(withoutNames).not.toMatch(/https?:|\bsrc=(?!x)|\bhref=|url\(|@import|fetch\(/)
    expect(page).toContain(`default-src 'none'`)
  })

  it('can be made of nothing', () => {
    const empty = reportPage({ facts: parseRunFacts(''), metrics: parseMetrics(''), samples: [] })
    expect(empty).not.toMatch(/undefined|NaN|\[object/)
  })
})

describe('a model card', () => {
  const content: CardContent = {
    name: 'runs/mine',
    config: createConfig({ modelType: 'electra' }),
    head: 'masked-lm',
    facts,
    metrics,
  }
  const card = modelCard(content)

  it('begins with what the hub reads, and names no language or licence by itself', () => {
    expect(card).toMatch(
      /^---\nlibrary_name: transformers\npipeline_tag: fill-mask\ntags:\n- electra\n- pretraining\n- bertkin\n---\n/,
    )
    expect(modelCard({ ...content, language: 'no' })).toContain('\nlanguage: "no"\n') // which YAML takes for false without quotes
    expect(card).not.toMatch(/^licen[sc]e:/m)
    expect(card).toContain(CARD_MARK)
  })

  it('tells data, recipe, results and use', () => {
    for (const text of [
      '13,546,682 parameters',
      '| documents | 30 |',
      '| tokens seen in training, repetitions included | 3,000 |',
      '| learningRate | 0.0005 |',
      '| `mlm_loss` | 7 | 30 |',
      'AutoModelForMaskedLM',
      `pipeline('fill-mask', './runs/mine')`,
    ]) {
      expect(card).toContain(text)
    }
    expect(card).not.toContain('train_mlm_loss')
    expect(card).not.toMatch(/undefined|NaN|\[object/)
  })

  it('takes no text for markup, outside of code', () => {
    const outside = card.replace(/^(`{3,})[\s\S]*?^\1$/gm, '')
    expect(outside).not.toMatch(/(?<!\\)<(?!!--)/)
  })

  it('can be written for every model', () => {
    for (const [modelType, { heads }] of Object.entries(kins)) {
      for (const head of HEADS.filter((name) => heads[name])) {
        const config = createConfig({
          modelType: modelType as 'bert',
          vocabSize: 99,
          hiddenSize: 24,
          numAttentionHeads: 2,
        })
        const text = modelCard({ ...content, config, head, baseModel: 'some/model', maskToken: '<mask>' })
        expect(text).toContain('base_model: "some/model"')
        expect(text).not.toMatch(/undefined|NaN/)
      }
    }
    expect(modelCard({ ...content, head: 'pretraining' })).toContain("pipeline('replaced-token-detection'")
  })
})
