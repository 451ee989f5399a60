// Tensors whose elements do not lie one after another: element (i, j, …) is i·stride₀ + j·stride₁ + … elements behind
// the first. Transposing swaps strides, expanding sets one to 0.

interface Layout {
  readonly shape: readonly number[]
  /** In elements. */
  readonly strides: readonly number[]
  /** Bytes of an element. */
  readonly size: number
}

/**
 * Whether elements lie one after another, row by row.
 *
 * @example
 * isRowByRow([2, 3], [3, 1]) // true
 * isRowByRow([3, 2], [1, 3]) // false: the transposed
 */
export function isRowByRow(shape: readonly number[], strides: readonly number[]): boolean {
  if (shape.includes(0)) return true
  let expected = 1
  for (let i = shape.length - 1; i >= 0; i--) {
    // Of one element there is no next.
    if (shape[i] === 1) continue
    if (strides[i] !== expected) return false
    expected *= shape[i]!
  }
  return true
}

/**
 * Some of a tensor's elements, counted row by row.
 *
 * @param read the bytes from one offset to another, counted from the tensor's first element
 * @param layout the tensor
 * @param first first element
 * @param last element after the last one; more than `first`
 * @returns their bytes, in an array of their own
 * @example
 * const stored = Uint8Array.of(1, 2, 3, 4, 5, 6)
 * const read = async (from: number, to: number) => stored.slice(from, to)
 * await gatherElements(read, { shape: [3, 2], strides: [1, 3], size: 1 }, 0, 6) // 1, 4, 2, 5, 3, 6
 */
export async function gatherElements(
  read: (from: number, to: number) => Promise<Uint8Array>,
  { shape, strides, size }: Layout,
  first: number,
  last: number,
): Promise<Uint8Array> {
  const [low, high] = span(shape, strides, first, last)
  const bytes = await read(low * size, (high + 1) * size)
  const from = elementsOf(bytes, size)
  const result = new Uint8Array((last - first) * size)
  const to = elementsOf(result, size)

  const index = indexOf(first, shape)
  let place = index.reduce((sum, i, axis) => sum + i * strides[axis]!, -low)
  for (let element = 0; element < to.length; element++) {
    to[element] = from[place]!
    // The next index: the last axis goes on, and where one is through, the one before it does.
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      place += strides[axis]!
      if (++index[axis]! < shape[axis]!) break
      place -= shape[axis]! * strides[axis]!
      index[axis] = 0
    }
  }
  return result
}

/** The nearest and the farthest place of rows that hold these elements, in elements from the first of the tensor. */
function span(
  shape: readonly number[],
  strides: readonly number[],
  first: number,
  last: number,
): readonly [number, number] {
  const [begin, end] = [indexOf(first, shape), indexOf(last - 1, shape)]
  let [low, high] = [0, 0]
  let isSame = true
  shape.forEach((length, axis) => {
    const stride = strides[axis]!
    // Up to the first axis on which they differ there is one index; behind it, any.
    low += isSame ? begin[axis]! * stride : 0
    high += (isSame ? end[axis]! : length - 1) * stride
    isSame &&= begin[axis] === end[axis]
  })
  return [low, high]
}

function indexOf(element: number, shape: readonly number[]): number[] {
  const index = new Array<number>(shape.length).fill(0)
  let rest = element
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    index[axis] = rest % shape[axis]!
    rest = Math.floor(rest / shape[axis]!)
  }
  return index
}

/** Elements to be moved, not to be calculated with. */
interface Elements {
  readonly length: number
  [index: number]: number | bigint
}

function elementsOf(bytes: Uint8Array, size: number): Elements {
  const { buffer, byteOffset, byteLength } = bytes
  if (size === 1) return bytes
  if (size === 2) return new Uint16Array(buffer, byteOffset, byteLength / 2)
  if (size === 4) return new Uint32Array(buffer, byteOffset, byteLength / 4)
  return new BigUint64Array(buffer, byteOffset, byteLength / 8)
}

/**
 * Turns the bytes of each element round, in place.
 *
 * @example
 * const bytes = Uint8Array.of(1, 2, 3, 4)
 * swapBytes(bytes, 2)
 * bytes // 2, 1, 4, 3
 */
export function swapBytes(bytes: Uint8Array, size: number): void {
  for (let at = 0; at < bytes.length; at += size) {
    for (let [i, j] = [at, at + size - 1]; i < j; i++, j--) [bytes[i], bytes[j]] = [bytes[j]!, bytes[i]!]
  }
}
