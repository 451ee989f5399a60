// Loading models and running them: what is refused, what comes back, and that it is the same however the sequences are
// batched, wherever the weights lie and whatever runs them.

import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { albertSharing, writeFolderAtomically } from '../checkpoint/index.js'
import { Random } from '../random.js'
import type { Device, TensorData } from '../runtime/index.js'
import { loadModel, type Sequence, type SpanTarget } from './index.js'
import { difference } from './testing/difference.js'
import { checkpointFiles, everyModel, randomSequences, randomTensors, tinyConfig } from './testing/tinyModels.js'
import { directory, load, sequences } from './testing/tinyRuntime.js'

/** Row b of a result of [batch, …], cut to `length` columns where it has columns for all. */
function sequenceOf({ data, dims }: TensorData, b: number, length: number, width: number): TensorData {
  const perSequence = data.length / dims[0]!
  const isPerToken = dims.length > 1 && dims[1] === width
  const kept = isPerToken ? (perSequence / width) * length : perSequence
  const values = Float32Array.from(data as Float32Array).slice(b * perSequence, b * perSequence + kept)
  return { data: values, dims: isPerToken ? [1, length, ...dims.slice(2)] : [1, ...dims.slice(1)] }
}

describe('what cannot be run', () => {
  it.each([
    ['too long a sequence', [{ ids: Array(13).fill(1) }], 'sequence-too-long'],
    ['an id beyond the vocabulary', [{ ids: [1, 24] }], 'token-out-of-range'],
    ['a negative id', [{ ids: [1, -1] }], 'token-out-of-range'],
    ['an id that is no number', [{ ids: [1, Number.NaN] }], 'token-out-of-range'],
    ['an id that is no whole number', [{ ids: [1, 1.5] }], 'token-out-of-range'],
    ['a token type beyond the model’s', [{ ids: [1], typeIds: [2] }], 'token-out-of-range'],
    ['a token type that is no whole number', [{ ids: [1], typeIds: [0.5] }], 'token-out-of-range'],
    ['no sequences', [], 'option-invalid'],
    ['an empty sequence', [{ ids: [1] }, { ids: [] }], 'option-invalid'],
    ['a sequence of padding', [{ ids: [1, 2], attentionMask: [0, 0] }], 'option-invalid'],
  ] as const)('%s is refused', async (_, bad, code) => {
    using model = await load()
    await expect(model.run(bad as readonly Sequence[])).rejects.toMatchObject({ code, name: 'BertkinError' })
  })

  it('outputs that the head does not have are refused, and the model goes on', async () => {
    using model = await load()
    for (const name of ['pooler_output', 'logit', 'constructor']) {
      await expect(model.run(sequences, { outputs: [name] })).rejects.toMatchObject({
        code: 'option-invalid',
        message: expect.stringContaining('logits'),
      })
    }
    expect((await model.run(sequences)).logits!.dims).toEqual([3, 9, 24])
  })

  it('tokens outside the batch, and padding, cannot be asked for', async () => {
    using model = await load()
    for (const place of [
      [3, 0],
      [0, 5],
      [-1, 0],
      [0, 0.5],
    ] as const) {
      await expect(model.run(sequences, { at: [place] })).rejects.toMatchObject({ code: 'option-invalid' })
    }
  })
})

describe.each(everyModel)('%s: %s', (modelType, head) => {
  const config = tinyConfig(modelType, { numLabels: 3 })
  const batch = randomSequences([5, 12, 3, 1], config, new Random(2))
  const tensors = randomTensors(config, head)

  it('gives in a batch what it gives alone', async () => {
    using model = await load(head, config, tensors)
    const options = { outputs: [...Object.keys(await model.run(batch)), 'hidden_states'] }
    const together = await model.run(batch, options)
    for (const [b, sequence] of batch.entries()) {
      const alone = await model.run([sequence], options)
      const own = Object.entries(together).map(([name, x]) => [name, sequenceOf(x, b, sequence.ids.length, 12)])
      expect(difference(Object.fromEntries(own), alone)).toBeLessThan(1e-5)
    }
  })

  it('gives the same for chosen tokens as for all', async () => {
    using model = await load(head, config, tensors)
    const all = await model.run(batch)
    const at = [
      [1, 11],
      [0, 0],
      [2, 1],
      [1, 11],
    ] as const
    const chosen = await model.run(batch, { at })
    for (const [name, { data, dims }] of Object.entries(chosen)) {
      const whole = all[name]!
      if (whole.dims[1] !== 12) continue // one for each sequence: `at` is about tokens
      const width = data.length / at.length
      expect(dims).toEqual([at.length, ...whole.dims.slice(2)])
      at.forEach(([b, s], i) => {
        for (let j = 0; j < width; j++) {
          const expected = Number(whole.data[(b * 12 + s) * width + j])
          expect(Math.abs(Number(data[i * width + j]) - expected)).toBeLessThan(1e-5)
        }
      })
    }
  })

  // WebAssembly runs every head in the golden cases; one of each kin is enough here.
  const others: { device?: Device }[] = head === 'masked-lm' ? [{ device: 'wasm' }] : []
  it('gives the same from a mapped file, prepacked or not, from memory, and in WebAssembly', async () => {
    const folder = join(directory, `${modelType}-${head}`)
    await writeFolderAtomically(folder, checkpointFiles(config, head, tensors))
    using fromMemory = await load(head, config, tensors)
    const expected = await fromMemory.run(batch)
    for (const options of [{}, { prepack: true }, ...others]) {
      using model = await loadModel(folder, { ...options, threads: 1, head })
      expect(model.report).toEqual({ missing: [], unexpected: [], untied: [] })
      expect(difference(await model.run(batch), expected)).toBeLessThan(1e-4)
    }
  })
})

describe('ALBERT', () => {
  it('with one group is what it is with a group for every layer and the same weights in each', async () => {
    const shared = tinyConfig('albert', albertSharing('all', 3))
    const tensors = randomTensors(shared, 'base')
    const copies = [0, 1, 2].flatMap((group) =>
      tensors.map((tensor) => ({ ...tensor, name: tensor.name.replace('groups.0', `groups.${group}`) })),
    )
    const own = copies.filter(({ name }, i) => copies.findIndex((other) => other.name === name) === i)
    using one = await load('base', shared, tensors)
    using three = await load('base', tinyConfig('albert', albertSharing('none', 3)), own)
    expect(three.report).toEqual({ missing: [], unexpected: [], untied: [] })
    expect(difference(await three.run(sequences), await one.run(sequences))).toBeLessThan(1e-5)
  })

  it('takes a half that all groups share from the first, and says where the copies differ', async () => {
    const config = tinyConfig('albert', albertSharing('ffn', 2))
    const tensors = randomTensors(config, 'base')
    const name = 'albert.encoder.albert_layer_groups.0.albert_layers.0.ffn.bias'
    const copy = { ...tensors.find((tensor) => tensor.name === name)!, name: name.replace('groups.0', 'groups.1') }
    using model = await load('base', config, [...tensors, copy])
    expect(model.report).toEqual({ missing: [], unexpected: [], untied: [] })
    const other = { ...copy, data: (copy.data as Float32Array).map((x) => x + 1) }
    using odd = await load('base', config, [...tensors, other])
    expect(odd.report).toEqual({ missing: [], unexpected: [], untied: [copy.name] })
    expect(difference(await odd.run(sequences), await model.run(sequences))).toBe(0)
  })
})

describe('RoBERTa', () => {
  const config = tinyConfig('roberta', { padTokenId: 1, maxPositionEmbeddings: 10 })

  it('takes as many tokens as there are positions behind the padding’s', async () => {
    using model = await load('base', config, randomTensors(config, 'base'))
    const ids = [2, 3, 4, 5, 6, 7, 8, 9]
    await model.run([{ ids }])
    const refused = model.run([{ ids: [...ids, 10] }])
    await expect(refused).rejects.toMatchObject({
      code: 'sequence-too-long',
      message: expect.stringContaining('takes 8'),
    })
  })

  it('is refused without a padding token', async () => {
    const none = tinyConfig('roberta', { padTokenId: undefined })
    using model = await load('base', none, randomTensors(none, 'base'))
    await expect(model.run([{ ids: [2, 3] }])).rejects.toMatchObject({ code: 'config-unsupported' })
  })
})

describe('span targets', () => {
  const target = { sequence: 0, left: 1, right: 4, place: 0 }
  const run = async (spanTargets: readonly SpanTarget[] | undefined, outputs = ['span_logits']) => {
    using model = await load('span-boundary')
    return model.run(sequences, { outputs, ...(spanTargets && { spanTargets }) })
  }

  it('give logits that depend on the place and on the boundaries', async () => {
    const targets = [target, { ...target, place: 1 }, { ...target, left: 0 }, { ...target, sequence: 1 }, target]
    const { span_logits: logits } = await run(targets)
    expect(logits!.dims).toEqual([5, 24])
    const rows = targets.map((_, i) => logits!.data.slice(i * 24, (i + 1) * 24).join())
    expect(new Set(rows).size).toBe(4)
    expect(rows[4]).toBe(rows[0])
  })

  it.each([
    ['none given', undefined],
    ['a place beyond the table', [{ ...target, place: 15 }]],
    ['a boundary beyond the sequence', [{ ...target, right: 5 }]],
    ['a sequence that is not there', [{ ...target, sequence: 3 }]],
  ])('refuse %s', async (_, targets) => {
    await expect(run(targets)).rejects.toMatchObject({ code: 'option-invalid' })
  })
})

describe('outputs', () => {
  it('of tokens are zero at padding', async () => {
    using model = await load('base')
    const { last_hidden_state: states } = await model.run([{ ids: [1, 2] }, { ids: [1, 2, 3] }])
    expect([...(states!.data as Float32Array).slice(16, 24)]).toEqual(Array(8).fill(0))
    expect(states!.data.some((x) => Number(x) !== 0)).toBe(true)
  })

  it('do not depend on what stands at padding', async () => {
    using model = await load('sequence-classification')
    const run = (ids: number[]) => model.run([{ ids, attentionMask: [1, 1, 0, 0] }, { ids: [1, 2, 3, 4] }])
    expect(difference(await run([4, 5, 0, 0]), await run([4, 5, 9, 23]))).toBe(0)
  })

  it('are hidden states and attentions of every layer on demand', async () => {
    using model = await load('base')
    const result = await model.run(sequences, { outputs: ['hidden_states', 'attentions', 'last_hidden_state'] })
    expect(Object.keys(result)).toEqual([
      ...['hidden_states.0', 'hidden_states.1', 'hidden_states.2', 'attentions.0', 'attentions.1'],
      'last_hidden_state',
    ])
    expect(result['attentions.1']!.dims).toEqual([3, 2, 9, 9])
    expect(result['hidden_states.2']).toEqual(result.last_hidden_state)
    // The first sequence has 5 tokens: probabilities of its first token sum to 1 over these, and are 0 beyond.
    const row = Array.from(result['attentions.0']!.data.slice(0, 9) as Float32Array)
    expect(row.slice(0, 5).reduce((sum, p) => sum + p, 0)).toBeCloseTo(1, 5)
    expect(row.slice(5)).toEqual([0, 0, 0, 0])
  })

  it('must be named, if any are', async () => {
    using model = await load()
    await expect(model.run(sequences, { outputs: [] })).rejects.toMatchObject({ code: 'option-invalid' })
  })

  it('for no token at all are empty', async () => {
    using model = await load()
    expect((await model.run(sequences, { at: [] })).logits).toMatchObject({ dims: [0, 24] })
  })

  it('at padding are computed where it is kept', async () => {
    using model = await load('base')
    const { last_hidden_state: kept } = await model.run(sequences, { keepPadding: true })
    const { last_hidden_state: without } = await model.run(sequences)
    const last = (x: TensorData) => Array.from(x.data.slice(-8) as Float32Array)
    expect(last(without!)).toEqual(Array(8).fill(0))
    expect(last(kept!)).not.toEqual(Array(8).fill(0))
    expect(Math.abs(Number(kept!.data[0]) - Number(without!.data[0]))).toBeLessThan(1e-5)
  })
})
