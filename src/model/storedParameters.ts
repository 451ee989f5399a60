// How a checkpoint's parameters reach the engine: mapped from their file where that can be done, else as values; the
// weights of dense layers in eight bits where that is asked for.

import type { ResolvedParameters, Weights } from '../checkpoint/index.js'
import { quantizeWeight, type StoredParameter } from '../graph/index.js'
import type { Device } from '../runtime/index.js'
import type { ModelDefinition } from './definition.js'
import { initialValues } from './initialization.js'
import type { ParameterDeclaration } from './parameters.js'

/** Which weights are rounded to eight bits, and what the largest of an output becomes; see `quantizeWeight`. */
export interface Rounding {
  readonly dense: ReadonlySet<string>
  readonly largest: 127 | 63
}

/** A model's parameters by path, for `compile`, and the folder that those are mapped from which are. */
export async function storedParameters(
  definition: ModelDefinition,
  weights: Weights,
  { found }: ResolvedParameters,
  device: Device,
  rounding?: Rounding,
): Promise<{ stored: ReadonlyMap<string, StoredParameter>; folder: string | undefined }> {
  const folder = device === 'cpu' ? mappedFolder(weights, found.values()) : undefined

  const valuesOf = async (declaration: ParameterDeclaration): Promise<Float32Array> => {
    const name = found.get(declaration.path)
    return name === undefined ? initialValues(declaration, 0) : weights.readFloat32(name)
  }

  const store = async (declaration: ParameterDeclaration): Promise<StoredParameter> => {
    const { path, shape } = declaration
    const name = found.get(path)
    const location = name === undefined ? undefined : weights.location(name)
    const isMapped = location?.dtype === 'F32' && folderOf(location.path) === folder
    const largest = rounding?.dense.has(path) ? rounding.largest : undefined
    const values = isMapped && !largest ? undefined : await valuesOf(declaration)
    const int8 = largest && quantizeWeight(values!, shape[0]!, largest)
    const data = isMapped
      ? { location: location.path.slice(folder!.length), offset: location.byteOffset, length: location.byteLength }
      : new Uint8Array(values!.buffer, values!.byteOffset, values!.byteLength)
    return { dtype: 'float32', data, ...(int8 && { int8 }) }
  }

  const stored = new Map<string, StoredParameter>()
  for (const declaration of definition.scope.declarations()) stored.set(declaration.path, await store(declaration))
  return { stored, folder }
}

/** A folder of files that can be mapped, the first one's: the engine reads those of one folder only. */
function mappedFolder(weights: Weights, names: Iterable<string>): string | undefined {
  for (const name of names) {
    const location = weights.location(name)
    if (location?.dtype === 'F32') return folderOf(location.path)
  }
  return undefined
}

/** The folder of an absolute path, with the separator behind it. On Windows that is a backslash; elsewhere names have them. */
const folderOf = (path: string): string => path.slice(0, path.lastIndexOf(path.startsWith('/') ? '/' : '\\') + 1)
