// Draws from rows of probabilities, against a plain running sum in double precision.

import { describe, expect, test } from 'vitest'
import { input } from '../graph/index.js'
import { Random } from '../random.js'
import { Runtime } from '../runtime/index.js'
import { sampleRows } from './sampling.js'

const ROWS = 400

/** Rows of probabilities with large differences between classes, as a language model's are. */
function probabilities(classes: number, random: Random): Float32Array {
  const values = new Float32Array(ROWS * classes)
  for (let row = 0; row < ROWS; row++) {
    const weights = Array.from({ length: classes }, () => Math.exp(3 * random.normal()))
    const total = weights.reduce((sum, weight) => sum + weight, 0)
    weights.forEach((weight, i) => {
      values[row * classes + i] = weight / total
    })
  }
  return values
}

/** The first class whose running sum exceeds the uniform number. */
function drawPlainly(row: Float32Array, uniform: number): number {
  let sum = 0
  for (const [i, probability] of row.entries()) {
    sum += probability
    if (uniform < sum) return i
  }
  return row.length - 1
}

async function draw(values: Float32Array, uniforms: Float32Array, classes: number): Promise<Int32Array> {
  using runtime = await Runtime.open({ threads: 2 })
  const drawn = sampleRows(input('p', 'float32', ['rows', classes]), input('u', 'float32', ['rows']))
  using compiled = await runtime.compile({ drawn })
  const rows = uniforms.length
  const feeds = { p: { data: values, dims: [rows, classes] }, u: { data: uniforms, dims: [rows] } }
  return (await compiled.run(feeds)).drawn.data as Int32Array
}

describe.each([1, 2, 127, 128, 129, 1000, 8003])('%i classes', (classes) => {
  test('the same class as a plain running sum, but for uniform numbers at a border', async () => {
    const random = new Random(classes)
    const values = probabilities(classes, random)
    const uniforms = Float32Array.from({ length: ROWS }, () => random.uniform() * (1 - 2 ** -24))
    const drawn = await draw(values, uniforms, classes)
    let different = 0
    drawn.forEach((id, row) => {
      const expected = drawPlainly(values.subarray(row * classes, (row + 1) * classes), uniforms[row]!)
      expect(id).toBeGreaterThanOrEqual(0)
      expect(id).toBeLessThan(classes)
      if (id !== expected) different++
    })
    expect(different).toBeLessThanOrEqual(2)
  })
})

test('frequencies are the probabilities', async () => {
  const classes = 300
  const random = new Random(3)
  const row = probabilities(classes, random).subarray(0, classes)
  const draws = 20_000
  const values = new Float32Array(draws * classes)
  for (let i = 0; i < draws; i++) values.set(row, i * classes)
  const uniforms = Float32Array.from({ length: draws }, () => random.uniform())
  const counts = new Float64Array(classes)
  for (const id of await draw(values, uniforms, classes)) counts[id]!++
  row.forEach((probability, i) => {
    const deviation = Math.sqrt(draws * probability * (1 - probability)) + 1
    expect(Math.abs(counts[i]! - draws * probability)).toBeLessThan(5 * deviation)
  })
})

test('the ends of the interval give the first and the last class that have any probability', async () => {
  const values = Float32Array.from([0.25, 0.5, 0.25, 0, 0.25, 0.5, 0.25, 0, 1, 0, 0, 0])
  const uniforms = Float32Array.from([0, 1 - 2 ** -24, 0.999])
  expect([...(await draw(values, uniforms, 4))]).toEqual([0, 2, 0])
})
