// Matching the names in a checkpoint with the parameters of a model, as transformers 5.17 does: old LayerNorm names,
// the base model's prefix present or absent, buffers of old versions, and stored copies of tied parameters.

import { CheckpointError } from './error.js'
import type { Weights } from './weights.js'

/** A parameter that a model needs. */
export interface ExpectedParameter {
  /** Its name in a checkpoint that transformers 5 writes. */
  readonly path: string
  readonly shape: readonly number[]
}

/** What {@link resolveParameters} may be told about a model. */
export interface ResolveOptions {
  /** The base model's prefix (`electra`): checkpoints of the bare model lack it, task models have it. */
  readonly basePrefix?: string
  /** Parameters that are only other names of expected ones: `{ copy: original }`, in the model's paths. */
  readonly tied?: Readonly<Record<string, string>>
}

/** A stored copy that should equal the parameter it is tied to, but does not. transformers then keeps both. */
export interface UntiedCopy {
  readonly copy: string
  readonly original: string
  /** The copy's name in the checkpoint. */
  readonly storedName: string
}

/** Which stored name serves each expected parameter. */
export interface ResolvedParameters {
  /** Expected path to stored name. */
  readonly found: ReadonlyMap<string, string>
  /** Expected paths that the checkpoint lacks, in the order they were asked for. */
  readonly missing: readonly string[]
  /** Stored names that nothing asked for, except those that are silently ignored. */
  readonly unexpected: readonly string[]
  readonly untied: readonly UntiedCopy[]
}

/**
 * Finds the stored name of every parameter that a model expects.
 *
 * `LayerNorm.gamma` and `.beta` (and those of SpanBERT's `layer_norm1` and `2`) are taken for `.weight` and `.bias`;
 * `basePrefix` may be absent from stored names or from expected ones; of several names for one parameter the first in
 * alphabetical order counts; `*.position_ids` are ignored; a stored copy of a tied parameter serves as the original where only
 * the copy is stored, and is ignored where both are and agree.
 *
 * @param weights the checkpoint
 * @param expected the model's parameters
 * @param options the base model's prefix and the tied parameters; default: neither
 * @throws CheckpointError `parameter-mismatch`, with both shapes, if a parameter's shape is not the expected one
 * @example
 * const weights = await openWeights(await openFolder('models/electra'))
 * const expected = [{ path: 'electra.embeddings.LayerNorm.weight', shape: [128] }]
 * const tied = { 'generator_lm_head.weight': 'electra.embeddings.word_embeddings.weight' }
 * const { found, missing } = await resolveParameters(weights, expected, { basePrefix: 'electra', tied })
 */
export async function resolveParameters(
  weights: Weights,
  expected: readonly ExpectedParameter[],
  options: ResolveOptions = {},
): Promise<ResolvedParameters> {
  const tied = new Map(Object.entries(options.tied ?? {}))
  const shapes = new Map(expected.map(({ path, shape }) => [path, shape]))
  const { stored, leftOver } = matchNames(weights, new Set([...shapes.keys(), ...tied.keys()]), options.basePrefix)

  const found = new Map<string, string>()
  const missing: string[] = []
  for (const { path } of expected) {
    const name = stored.get(path) ?? standIn(path, stored, tied)
    if (name === undefined) missing.push(path)
    else found.set(path, name)
  }
  for (const [path, name] of found) checkShape(weights, name, path, shapes.get(path)!)

  const untied: UntiedCopy[] = []
  for (const [copy, original] of tied) {
    const storedName = stored.get(copy)
    const originalName = found.get(original)
    if (storedName === undefined || originalName === undefined || storedName === originalName) continue
    checkShape(weights, storedName, copy, shapes.get(original)!)
    if (!(await areEqual(weights, storedName, originalName))) untied.push({ copy, original, storedName })
  }
  return { found, missing, unexpected: leftOver, untied }
}

interface NameMatch {
  /** Model path to stored name. */
  readonly stored: ReadonlyMap<string, string>
  readonly leftOver: readonly string[]
}

function matchNames(weights: Weights, paths: ReadonlySet<string>, basePrefix: string | undefined): NameMatch {
  const stored = new Map<string, string>()
  const names = [...weights.names()].filter((name) => !/(^|\.)position_ids$/.test(name))
  // Where a file has a parameter under several names, transformers takes the first in the order of their parts.
  for (const name of [...names].sort(byParts)) {
    const path = modelPath(name, paths, basePrefix)
    if (path !== undefined && !stored.has(path)) stored.set(path, name)
  }
  const used = new Set(stored.values())
  return { stored, leftOver: names.filter((name) => !used.has(name)) }
}

function byParts(a: string, b: string): number {
  const [left, right] = [a.replaceAll('.', '\0'), b.replaceAll('.', '\0')]
  return left < right ? -1 : Number(left > right)
}

function modelPath(name: string, paths: ReadonlySet<string>, basePrefix: string | undefined): string | undefined {
  const renamed = name
    .replace(/(LayerNorm|layer_norm[12])\.gamma/, '$1.weight')
    .replace(/(LayerNorm|layer_norm[12])\.beta/, '$1.bias')
  if (paths.has(renamed)) return renamed
  if (paths.has(name)) return name
  if (basePrefix === undefined) return undefined
  const prefix = `${basePrefix}.`
  const other = renamed.startsWith(prefix) ? renamed.slice(prefix.length) : prefix + renamed
  return paths.has(other) ? other : undefined
}

// A tied parameter that is not stored itself: its original serves a copy, any of its copies serves an original.
function standIn(
  path: string,
  stored: ReadonlyMap<string, string>,
  tied: ReadonlyMap<string, string>,
): string | undefined {
  const original = tied.get(path) ?? path
  const names = [original, ...[...tied].filter(([, target]) => target === original).map(([copy]) => copy)]
  return names.map((name) => stored.get(name)).find((name) => name !== undefined)
}

function checkShape(weights: Weights, name: string, path: string, expected: readonly number[]): void {
  const { shape } = weights.info(name)
  if (shape.length === expected.length && shape.every((size, i) => size === expected[i])) return
  const as = name === path ? '' : ` (stored as "${name}")`
  throw new CheckpointError(
    'parameter-mismatch',
    `Parameter "${path}"${as} of ${weights.name} has shape [${shape.join(', ')}], but the configuration asks for [${expected.join(', ')}]: do config.json and the weights belong together?`,
  )
}

// Compared a piece at a time: embeddings are large, and two whole copies of them need not fit in memory.
async function areEqual(weights: Weights, a: string, b: string): Promise<boolean> {
  const [place, otherPlace] = [weights.location(a), weights.location(b)]
  // PyTorch's files have tied parameters under all their names, with the same bytes.
  const isSame = place?.path === otherPlace?.path && place?.byteOffset === otherPlace?.byteOffset
  if (place && isSame && place.dtype === otherPlace?.dtype) return true
  const { dtype, byteLength } = weights.info(a)
  if (dtype !== weights.info(b).dtype) {
    const [left, right] = [await weights.readFloat32(a), await weights.readFloat32(b)]
    return left.every((value, i) => Object.is(value, right[i]))
  }
  const piece = 2 ** 22
  for (let start = 0; start < byteLength; start += piece) {
    const [left, right] = [
      await weights.readBytes(a, start, start + piece),
      await weights.readBytes(b, start, start + piece),
    ]
    if (!left.every((byte, i) => byte === right[i])) return false
  }
  return true
}
