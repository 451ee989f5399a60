import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { bytesSource } from './byteSource.js'
import { type ExpectedParameter, type ResolveOptions, resolveParameters } from './resolve.js'
import { readSafetensorsHeader } from './safetensors.js'
import { safetensorsBytes } from './safetensorsWriter.js'
import { type Weights, weightsOf } from './weights.js'

/** A checkpoint of vectors: name to elements; or to a size, filled with zeros. */
async function checkpoint(tensors: Record<string, number[] | number>, half: string[] = []): Promise<Weights> {
  const bytes = safetensorsBytes(
    Object.entries(tensors).map(([name, content]) => {
      const data = typeof content === 'number' ? new Float32Array(content) : Float32Array.from(content)
      return { name, dtype: half.includes(name) ? 'F16' : 'F32', shape: [data.length], data } as const
    }),
  )
  return weightsOf('models/test', [{ file: await readSafetensorsHeader(bytesSource(bytes)) }])
}

const expect4 = (...paths: string[]): ExpectedParameter[] => paths.map((path) => ({ path, shape: [4] }))
const resolve = async (
  stored: Record<string, number[] | number>,
  paths: string[],
  options?: ResolveOptions,
): Promise<object> => {
  const { found, ...rest } = await resolveParameters(await checkpoint(stored), expect4(...paths), options)
  return { found: Object.fromEntries(found), ...rest }
}

const NOTHING_ELSE = { missing: [], unexpected: [], untied: [] }

describe('resolveParameters', () => {
  it('finds equal names, and says what is missing and what is unexpected', async () => {
    expect(await resolve({ a: 4, extra: 2 }, ['a', 'b'])).toEqual({
      found: { a: 'a' },
      missing: ['b'],
      unexpected: ['extra'],
      untied: [],
    })
  })

  it('takes gamma and beta of LayerNorm only', async () => {
    const stored = { 'x.LayerNorm.gamma': 4, 'x.LayerNorm.beta': 4, 'x.norm.gamma': 4 }
    expect(await resolve(stored, ['x.LayerNorm.weight', 'x.LayerNorm.bias', 'x.norm.weight'])).toEqual({
      found: { 'x.LayerNorm.weight': 'x.LayerNorm.gamma', 'x.LayerNorm.bias': 'x.LayerNorm.beta' },
      missing: ['x.norm.weight'],
      unexpected: ['x.norm.gamma'],
      untied: [],
    })
  })

  it.each([
    [['LayerNorm.weight', 'LayerNorm.gamma'], 'LayerNorm.weight', 'LayerNorm.gamma'],
    [['LayerNorm.bias', 'LayerNorm.beta'], 'LayerNorm.bias', 'LayerNorm.beta'],
    [['embeddings.w', 'bert.embeddings.w'], 'bert.embeddings.w', 'bert.embeddings.w'],
    [['embeddings.w', 'bert.embeddings.w'], 'embeddings.w', 'bert.embeddings.w'],
  ])('takes of %j for %s what transformers takes, wherever it stands', async (names, path, taken) => {
    // As transformers 5.17 was seen to do, which goes through the names in the order of their parts.
    for (const stored of [names, [...names].reverse()]) {
      const entries = Object.fromEntries(stored.map((name) => [name, 4]))
      expect(await resolve(entries, [path], { basePrefix: 'bert' })).toMatchObject({
        found: { [path]: taken },
        unexpected: stored.filter((name) => name !== taken),
      })
    }
  })

  it('adds and removes the prefix of the base model', async () => {
    const options = { basePrefix: 'bert' }
    expect(await resolve({ 'e.w': 4, 'cls.b': 4 }, ['bert.e.w', 'cls.b'], options)).toEqual({
      found: { 'bert.e.w': 'e.w', 'cls.b': 'cls.b' },
      ...NOTHING_ELSE,
    })
    expect(await resolve({ 'bert.e.w': 4, 'cls.b': 4 }, ['e.w'], options)).toEqual({
      found: { 'e.w': 'bert.e.w' },
      missing: [],
      unexpected: ['cls.b'],
      untied: [],
    })
    expect(await resolve({ 'LayerNorm.gamma': 4 }, ['bert.LayerNorm.weight'], options)).toMatchObject({
      found: { 'bert.LayerNorm.weight': 'LayerNorm.gamma' },
    })
    // Not a prefix but a part of a name.
    expect(await resolve({ 'bertha.e.w': 4 }, ['e.w'], options)).toMatchObject({ missing: ['e.w'] })
    expect(await resolve({ 'e.w': 4 }, ['bert.e.w'])).toMatchObject({ missing: ['bert.e.w'] })
  })

  it('ignores position_ids silently', async () => {
    const stored = { a: 4, 'bert.embeddings.position_ids': 9, position_ids: 9 }
    expect(await resolve(stored, ['a'])).toEqual({ found: { a: 'a' }, ...NOTHING_ELSE })
  })

  describe('with tied parameters', () => {
    const tied = { 'head.weight': 'bert.words', 'head.bias': 'bias' }
    const options = { tied, basePrefix: 'bert' }
    const words = [1, 2, 3, 4]

    it('needs no copies', async () => {
      expect(await resolve({ 'bert.words': words, bias: 4 }, ['bert.words', 'bias'], options)).toEqual({
        found: { 'bert.words': 'bert.words', bias: 'bias' },
        ...NOTHING_ELSE,
      })
    })

    it('ignores equal copies, in another precision too', async () => {
      const stored = { 'bert.words': words, 'head.weight': words, bias: words, 'head.bias': words }
      expect(await resolve(stored, ['bert.words', 'bias'], options)).toEqual({
        found: { 'bert.words': 'bert.words', bias: 'bias' },
        ...NOTHING_ELSE,
      })
      const weights = await checkpoint(stored, ['head.weight'])
      expect((await resolveParameters(weights, expect4('bert.words', 'bias'), options)).untied).toEqual([])
    })

    it('does not read copies that lie in the same place', async () => {
      const weights = await checkpoint({ 'bert.words': words, bias: 4, 'head.weight': [1, 2, 3, 5] })
      const place = { path: '/m', byteOffset: 0, byteLength: 16, dtype: 'F32' } as const
      const resolveAt = async (offset: number) => {
        const located: Weights = {
          ...weights,
          location: (name) => ({ ...place, byteOffset: name === 'head.weight' ? offset : 0 }),
        }
        return (await resolveParameters(located, expect4('bert.words', 'bias'), options)).untied.length
      }
      expect([await resolveAt(0), await resolveAt(16)]).toEqual([0, 1])
    })

    it('lets a copy serve as the original', async () => {
      expect(await resolve({ words, 'head.bias': 4 }, ['bert.words', 'bias'], options)).toEqual({
        found: { 'bert.words': 'words', bias: 'head.bias' },
        ...NOTHING_ELSE,
      })
      expect(await resolve({ 'head.weight': words, bias: 4 }, ['bert.words', 'bias'], options)).toMatchObject({
        found: { 'bert.words': 'head.weight', bias: 'bias' },
      })
    })

    it('reports copies that differ', async () => {
      const stored = { 'bert.words': words, 'head.weight': [1, 2, 3, 5], bias: 4 }
      expect(await resolve(stored, ['bert.words', 'bias'], options)).toEqual({
        found: { 'bert.words': 'bert.words', bias: 'bias' },
        missing: [],
        unexpected: [],
        untied: [{ copy: 'head.weight', original: 'bert.words', storedName: 'head.weight' }],
      })
    })

    it('serves a copy that the model asks for', async () => {
      expect(
        await resolve({ 'bert.words': words }, ['bert.words', 'head.weight'], {
          tied: { 'head.weight': 'bert.words' },
        }),
      ).toEqual({
        found: { 'bert.words': 'bert.words', 'head.weight': 'bert.words' },
        ...NOTHING_ELSE,
      })
    })

    it('leaves copies alone whose original nobody wants', async () => {
      expect(await resolve({ 'head.bias': 4, a: 4 }, ['a'], options)).toMatchObject({ found: { a: 'a' }, untied: [] })
    })
  })

  it('refuses contradicting shapes, naming both', async () => {
    const options = { basePrefix: 'bert', tied: { copy: 'bert.w' } }
    await expect(resolve({ w: 5 }, ['bert.w'], options)).rejects.toMatchObject({ code: 'parameter-mismatch' })
    await expect(resolve({ w: 5 }, ['bert.w'], options)).rejects.toThrow(
      'Parameter "bert.w" (stored as "w") of models/test has shape [5], but the configuration asks for [4]',
    )
    await expect(resolve({ w: 4, copy: 5 }, ['bert.w'], options)).rejects.toThrow('Parameter "copy"')
    const weights = await checkpoint({ w: 4 })
    await expect(resolveParameters(weights, [{ path: 'w', shape: [2, 2] }])).rejects.toThrow('[2, 2]')
  })

  const golden = new URL('../../../shared/golden/models/electra-ForMaskedLM/model.safetensors', import.meta.url)
  it.skipIf(!existsSync(golden))('matches a file of transformers (needs ../shared/golden)', async () => {
    const file = await readSafetensorsHeader(bytesSource(readFileSync(golden)))
    const weights = weightsOf('golden', [{ file }])
    const bare = [...file.tensors].map(([name, { shape }]) => ({ path: name.replace(/^electra\./, ''), shape }))
    const tied = { 'generator_lm_head.weight': 'electra.embeddings.word_embeddings.weight' }
    for (const expected of [
      bare,
      bare.map(({ path, shape }) => ({ path: path.startsWith('generator') ? path : `electra.${path}`, shape })),
    ]) {
      const resolved = await resolveParameters(weights, expected, { basePrefix: 'electra', tied })
      expect(resolved).toMatchObject(NOTHING_ELSE)
      expect(resolved.found.size).toBe(file.tensors.size)
    }
  })
})
