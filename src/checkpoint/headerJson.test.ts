import { describe, expect, it } from 'vitest'
import { jsonProblem } from './headerJson.js'

describe('jsonProblem', () => {
  it.each([
    '{}',
    '{"a": {"a": 1}, "b": [{"a": 1}, {"a": 2}]}',
    '{"a": "b", "b": "a"}',
    '{"a\\"": 1, "a": "\\\\"}',
    '{"x": ["a", "a", "a:"]}',
    'not json at all }}}',
    '"unfinished',
  ])('finds nothing in %s', (text) => expect(jsonProblem(text, 3)).toBeUndefined())

  it.each([
    '{"a": 1, "a": 2}',
    '{"a": 1, "b": {}, "a" : 2}',
    '{"x": {"a": 1, "a": 2}}',
    '{"a": 1, "\\u0061": 2}',
    '{"__proto__": 1, "__proto__": 2}',
  ])('finds the repeated key in %s', (text) => expect(jsonProblem(text, 3)).toMatch(/occurs twice/))

  it('refuses deep nesting without following it', () => {
    expect(jsonProblem('[[[[', 3)).toMatch(/nested/)
    expect(jsonProblem('['.repeat(1e6), 8)).toMatch(/nested/)
    expect(jsonProblem('[[[]]]', 3)).toBeUndefined()
  })
})
