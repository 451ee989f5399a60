// What new parameters start from.

import { describe, expect, it } from 'vitest'
import type { ModelType } from '../checkpoint/index.js'
import { defineModel, initialValues, ParameterScope, parameterSize } from './index.js'
import { tinyConfig } from './testing/tinyModels.js'

describe('initial values', () => {
  const declare = (shape: number[], initializer: Parameters<ParameterScope['get']>[2], path = 'weight') => {
    const scope = new ParameterScope()
    scope.get(path, shape, initializer)
    return scope.declarations()[0]!
  }

  it('are zeros or ones where it says so', () => {
    expect([...initialValues(declare([3], 'zeros'), 1)]).toEqual([0, 0, 0])
    expect([...initialValues(declare([2], 'ones'), 1)]).toEqual([1, 1])
  })

  it('are normal with the deviation asked for', () => {
    const declaration = declare([100, 500], { normal: 0.02 })
    for (const seed of [0, 1, 2 ** 40]) {
      const values = initialValues(declaration, seed)
      const n = parameterSize(declaration)
      const mean = values.reduce((sum, x) => sum + x, 0) / n
      const variance = values.reduce((sum, x) => sum + (x - mean) ** 2, 0) / n
      expect(Math.abs(mean)).toBeLessThan((5 * 0.02) / Math.sqrt(n))
      expect(Math.abs(Math.sqrt(variance) / 0.02 - 1)).toBeLessThan(5 / Math.sqrt(2 * n))
      // P(|z| > 2) = 4.55 %
      const far = values.filter((x) => Math.abs(x) > 0.04).length / n
      expect(Math.abs(far - 0.0455)).toBeLessThan(5 * Math.sqrt((0.0455 * 0.9545) / n))
    }
  })

  it('are waves where it says so: alike at equal distances, and the more unlike the farther apart', () => {
    const [rows, width] = [64, 48]
    const values = initialValues(declare([rows, width], { waves: 0.05 }), 1)
    const row = (i: number): Float32Array => values.subarray(i * width, (i + 1) * width)
    const product = (a: number, b: number): number => row(a).reduce((sum, x, i) => sum + x * row(b)[i]!, 0)
    // sin² + cos² = 1 for each of 16 waves.
    for (let i = 0; i < rows; i++) expect(product(i, i)).toBeCloseTo(16 * 8 * 0.05 ** 2, 5)
    for (const distance of [1, 5, 20]) {
      for (let i = 0; i + distance < rows; i++) expect(product(i, i + distance)).toBeCloseTo(product(0, distance), 5)
    }
    for (const distance of [1, 2, 3, 10]) expect(product(0, distance - 1)).toBeGreaterThan(product(0, distance))
    for (let i = 0; i < rows; i++) expect([...row(i).subarray(32)].every((x) => x === 0)).toBe(true)
  })

  it('let what comes in pass through where it says so', () => {
    const identity = (shape: number[]) =>
      Array.from(initialValues(declare(shape, { normal: 0, identity: true }), 1), (x) => x + 0)
    expect(identity([3, 2])).toEqual([1, 0, 0, 1, 0, 0])
    expect(identity([2, 3])).toEqual([1, 0, 0, 0, 1, 0])
  })

  it.each([
    [64, 256],
    [16, 96],
    [4, 8],
  ])('make heads of %d look at the tokens around, in rows of %d, and leave as many free', (headSize, width) => {
    const rows = 24
    const positions = initialValues(declare([rows, width], { waves: 1 }), 1)
    const project = (as: 'query' | 'key') => {
      const initializer = { normal: 0, looksAside: { as, headSize } }
      const weight = initialValues(declare([width, width], initializer), 1)
      return (position: number, head: number): number[] =>
        Array.from({ length: headSize }, (_, r) => {
          const row = (head * headSize + r) * width
          return positions
            .subarray(position * width, (position + 1) * width)
            .reduce((sum, x, column) => sum + x * weight[row + column]!, 0)
        })
    }
    const [query, key] = [project('query'), project('key')]
    const offsets = [-1, 1, -2, 2].slice(0, Math.ceil(width / headSize / 2))
    for (const [head, offset] of offsets.entries()) {
      for (let i = 2; i < rows - 2; i++) {
        const scores = Array.from({ length: rows }, (_, j) =>
          query(i, head).reduce((sum, x, r) => sum + x * key(j, head)[r]!, 0),
        )
        expect(scores.indexOf(Math.max(...scores))).toBe(i + offset)
      }
    }
    expect(query(5, offsets.length).every((x) => x === 0)).toBe(true)
  })

  it('let the first layer alone look around, and ALBERT’s, which is all of them', () => {
    const looking = (modelType: ModelType) =>
      defineModel(tinyConfig(modelType), 'base')
        .scope.declarations()
        .filter(({ initializer }) => typeof initializer === 'object' && 'looksAside' in initializer)
        .map(({ path }) => path)
    const halves = (layer: string) => [`${layer}.query.weight`, `${layer}.key.weight`]
    expect(looking('bert')).toEqual(halves('bert.encoder.layer.0.attention.self'))
    expect(looking('albert')).toEqual(halves('albert.encoder.albert_layer_groups.0.albert_layers.0.attention'))
  })

  it('depend on the seed and on the path', () => {
    const draw = (seed: number, path: string) => [...initialValues(declare([8], { normal: 1 }, path), seed)]
    expect(draw(1, 'a')).toEqual(draw(1, 'a'))
    expect(draw(1, 'a')).not.toEqual(draw(2, 'a'))
    expect(draw(1, 'a')).not.toEqual(draw(1, 'b'))
  })

  it('leave the padding token’s row at zero, and no other', () => {
    const values = initialValues(declare([4, 3], { normal: 1, zeroRow: 2 }), 1)
    const rows = [0, 1, 2, 3].map((row) => [...values.subarray(row * 3, row * 3 + 3)])
    expect(rows[2]).toEqual([0, 0, 0])
    for (const row of [0, 1, 3]) expect(rows[row]!.every((x) => x !== 0)).toBe(true)
  })

  it.each(['bert', 'electra'] as const)('of %s’s encoder are the same whichever head it has', (modelType) => {
    const config = tinyConfig(modelType)
    const start = (head: 'base' | 'masked-lm' | 'token-classification') =>
      new Map(
        defineModel(config, head)
          .scope.declarations()
          .map((declaration) => [declaration.path, initialValues(declaration, 3)]),
      )
    const [plain, ...others] = [start('base'), start('masked-lm'), start('token-classification')]
    const encoder = [...plain!.keys()].filter((path) => /\.(embeddings|encoder)\./.test(path))
    expect(encoder.length).toBeGreaterThan(30)
    for (const other of others) for (const path of encoder) expect(other.get(path)).toEqual(plain!.get(path))
  })
})
