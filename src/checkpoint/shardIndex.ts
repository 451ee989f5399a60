// The index of weights that lie in several files (shards): model.safetensors.index.json, pytorch_model.bin.index.json.

import type { ByteSource } from './byteSource.js'
import { CheckpointError, shown } from './error.js'
import { decodeUtf8, isInnerName } from './files.js'
import { jsonProblem } from './headerJson.js'

/** An index has some 100 bytes a tensor. */
const LONGEST_INDEX = 32_000_000

/**
 * Reads which file each tensor lies in: `weight_map`. The rest, such as the total size, is not needed, as in
 * transformers.
 *
 * @param source the index
 * @param fileName what messages call it
 * @returns tensor to file, a name inside the index's folder
 * @throws CheckpointError `file-malformed`
 * @example
 * const json = '{"metadata": {}, "weight_map": {"bias": "model-00001-of-00001.safetensors"}}'
 * await parseShardIndex(bytesSource(new TextEncoder().encode(json)), 'model.safetensors.index.json')
 */
export async function parseShardIndex(source: ByteSource, fileName: string): Promise<ReadonlyMap<string, string>> {
  const malformed = (problem: string, cause?: unknown): CheckpointError =>
    new CheckpointError(
      'file-malformed',
      `${fileName} is not a valid index of weights: ${problem}. Download or save it again.`,
      cause === undefined ? undefined : { cause },
    )
  if (source.byteLength > LONGEST_INDEX) throw malformed(`it has ${source.byteLength} bytes`)
  const text = decodeUtf8(await source.slice(0, source.byteLength))
  if (text === undefined) throw malformed('it is not UTF-8 text')
  const problem = jsonProblem(text, 8)
  if (problem !== undefined) throw malformed(problem)
  let index: unknown
  try {
    index = JSON.parse(text)
  } catch (error) {
    throw malformed('it is not JSON', error)
  }
  const map = isObject(index) ? index.weight_map : undefined
  if (!isObject(map)) throw malformed('it has no weight_map')
  const files = new Map<string, string>()
  for (const [tensor, file] of Object.entries(map)) {
    if (typeof file !== 'string' || !isInnerName(file) || file.endsWith('.json')) {
      throw malformed(`tensor ${shown(tensor)} lies in ${shown(file)}, which is no file of its folder`)
    }
    files.set(tensor, file)
  }
  if (files.size === 0) throw malformed('its weight_map is empty')
  return files
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
