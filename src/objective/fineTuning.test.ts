// Losses of the fine-tuning heads, worked out again in double precision.

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createConfig, type EncoderConfig } from '../checkpoint/index.js'
import { input, type Tensor } from '../graph/index.js'
import { batchTokens, tokenInputs } from '../model/index.js'
import { type Feeds, Runtime, type TensorData } from '../runtime/index.js'
import { questionAnsweringSum, sequenceClassificationSum, tokenClassificationSum } from './index.js'

let runtime: Runtime
beforeAll(async () => {
  runtime = await Runtime.open({ threads: 1 })
})
afterAll(() => runtime.dispose())

const floats = (dims: readonly number[], ...values: number[]): TensorData => ({ data: Float32Array.from(values), dims })
const ints = (...values: number[]): TensorData => ({ data: Int32Array.from(values), dims: [values.length] })

async function value(sum: Tensor, available: Feeds): Promise<number> {
  // The mask tells the graph how wide the grid is, as a whole model does.
  const outputs: Record<string, Tensor> = {
    sum,
    ...('attentionMask' in available && { mask: tokenInputs().attentionBias }),
  }
  using compiled = await runtime.compile(outputs)
  const feeds = Object.fromEntries(compiled.inputs.map(({ name }) => [name, available[name]!]))
  return Number((await compiled.run(feeds)).sum!.data[0])
}

const logSumExp = (row: readonly number[]): number => Math.log(row.reduce((sum, x) => sum + Math.exp(x), 0))

describe('sequence classification', () => {
  const config = (fields: Partial<EncoderConfig>) => createConfig({ modelType: 'bert', ...fields })
  const logits = (labels: number) => ({ logits: input('x', 'float32', ['batch', labels]) })

  it('of one label is regression: squared errors', async () => {
    const sum = sequenceClassificationSum(logits(1), config({ numLabels: 1 }))
    const feeds = { x: floats([3, 1], 1, -2, 0.5), labels: floats([3], 0.5, 1, 0.5) }
    expect(await value(sum, feeds)).toBeCloseTo(0.25 + 9, 5)
  })

  it('of several labels at once is binary cross entropy of each', async () => {
    const problem = config({ numLabels: 2, problemType: 'multi_label_classification' })
    const x = [1, -2, 30, -40]
    const labels = [1, 0, 0, 1]
    const expected = x.reduce(
      (sum, z, i) => sum + Math.log1p(Math.exp(-Math.abs(z))) + Math.max(z, 0) - z * labels[i]!,
      0,
    )
    const feeds = { x: floats([2, 2], ...x), labels: floats([2, 2], ...labels) }
    expect(await value(sequenceClassificationSum(logits(2), problem), feeds)).toBeCloseTo(expected, 4)
  })

  it('of one label out of several is cross entropy', async () => {
    const feeds = { x: floats([2, 3], 1, 2, 3, -1, 0, 4), labels: ints(0, 2) }
    const expected = logSumExp([1, 2, 3]) - 1 + (logSumExp([-1, 0, 4]) - 4)
    expect(await value(sequenceClassificationSum(logits(3), config({ numLabels: 3 })), feeds)).toBeCloseTo(expected, 5)
  })
})

it('token classification leaves out labels of −100', async () => {
  const sum = tokenClassificationSum({ logits: input('x', 'float32', ['tokens', 2]) })
  const feeds = { x: floats([3, 2], 1, 2, 9, -9, 0, 3), labels: ints(1, -100, 0) }
  expect(await value(sum, feeds)).toBeCloseTo(logSumExp([1, 2]) - 2 + logSumExp([0, 3]), 5)
})

it('question answering is half of both cross entropies over real tokens', async () => {
  const outputs = { start_logits: input('s', 'float32', ['tokens']), end_logits: input('e', 'float32', ['tokens']) }
  const { feeds } = batchTokens([{ ids: [1, 2, 3] }, { ids: [1, 2] }])
  const [s, e] = [
    [1, 2, 3, -1, 5],
    [0, 1, 0, 2, 2],
  ] as const
  const given = { s: floats([5], ...s), e: floats([5], ...e), startPositions: ints(0, 1), endPositions: ints(2, 0) }
  const start = logSumExp([1, 2, 3]) - 1 + (logSumExp([-1, 5]) - 5)
  const end = logSumExp([0, 1, 0]) - 0 + (logSumExp([2, 2]) - 2)
  const sum = questionAnsweringSum(outputs, tokenInputs())
  expect(await value(sum, { ...feeds, ...given })).toBeCloseTo((start + end) / 2, 5)
})
