// Declaring parameters, and what new ones start from.

import { describe, expect, it } from 'vitest'
import { defineModel, initialValues, ParameterScope, parameterSize } from './index.js'
import { tinyConfig } from './testing/tinyModels.js'

describe('a scope of parameters', () => {
  it('joins paths with dots and lists declarations in their order', () => {
    const root = new ParameterScope()
    root.at('a.b').at('c').get('weight', [2, 3], 'ones')
    root.get('bias', [4], 'zeros')
    expect(root.declarations().map(({ path, shape }) => [path, shape])).toEqual([
      ['a.b.c.weight', [2, 3]],
      ['bias', [4]],
    ])
  })

  it('gives the same tensor for the same path, from whichever scope it is reached', () => {
    const root = new ParameterScope()
    const tensor = root.at('a').get('weight', [2], 'ones')
    expect(root.get('a.weight', [2], 'zeros')).toBe(tensor)
    expect(root.declarations()).toHaveLength(1)
    expect(root.declarations()[0]!.initializer).toBe('ones')
  })

  it('refuses one path with two shapes', () => {
    const root = new ParameterScope()
    root.at('a').get('weight', [2, 3], 'ones')
    expect(() => root.at('a').get('weight', [3, 2], 'ones')).toThrow(
      expect.objectContaining({ code: 'duplicate-name', message: expect.stringContaining('a.weight') }),
    )
  })
})

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

  it('are waves where it says so: of the deviation asked for, and alike at equal distances', () => {
    const [rows, width] = [64, 32]
    const values = initialValues(declare([rows, width], { sinusoidal: 0.05 }), 1)
    const row = (i: number): Float32Array => values.subarray(i * width, (i + 1) * width)
    const product = (a: number, b: number): number => row(a).reduce((sum, x, i) => sum + x * row(b)[i]!, 0)
    // sin² + cos² = 1 for every wave: each row is as long as a normal one is on average.
    for (let i = 0; i < rows; i++) expect(product(i, i)).toBeCloseTo(width * 0.05 ** 2, 6)
    for (const distance of [1, 5, 20]) {
      for (let i = 0; i + distance < rows; i++) expect(product(i, i + distance)).toBeCloseTo(product(0, distance), 6)
    }
    expect(product(0, 1)).toBeGreaterThan(product(0, 2))
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
