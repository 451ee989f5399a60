// Declaring parameters.

import { describe, expect, it } from 'vitest'
import { ParameterScope } from './index.js'

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
