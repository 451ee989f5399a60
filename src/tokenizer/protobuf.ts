// Reads protocol buffers' wire format: fields with a number and one of four encodings. Only what a file needs to be
// walked safely; what the fields mean is for the caller to say.
import { TokenizerError } from './error.js'

/** A field's value as it stands in the file: a number read in each way that fits, or bytes. */
export interface ProtoField {
  readonly number: number
  /** A varint, modulo 2^32 and signed, as int32, enum and bool fields are read; undefined if it is something else. */
  readonly int: number | undefined
  /** A 32-bit float; undefined if it is something else. */
  readonly float: number | undefined
  /** A string, bytes or an inner message; undefined if it is something else. */
  readonly bytes: Uint8Array | undefined
}

const VARINT = 0
const FIXED_64 = 1
const BYTES = 2
const FIXED_32 = 5

/**
 * The fields of a message, in the file's order. Throws `tokenizer-malformed`, naming `where`, if it is not one.
 *
 * @example
 * for (const field of protoFields('a message', Uint8Array.of(8, 5))) console.log(field.number, field.int) // 1 5
 */
export function* protoFields(where: string, bytes: Uint8Array): Generator<ProtoField> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  let at = 0
  const broken = (): never => {
    throw new TokenizerError('tokenizer-malformed', `${where} is cut short or damaged at byte ${at}; download it again`)
  }
  const varint = (): number => {
    let value = 0
    for (let shift = 0; shift < 70; shift += 7) {
      const byte = bytes[at++]
      if (byte === undefined) return broken()
      if (shift < 35) value |= shift < 32 ? (byte & 0x7f) << shift : 0
      if (byte < 0x80) return value
    }
    return broken()
  }
  const skip = (count: number): number => {
    const start = at
    if (count < 0 || count > bytes.length - at) broken()
    at += count
    return start
  }
  while (at < bytes.length) {
    const tag = varint() >>> 0
    const field = { number: tag >>> 3, int: undefined, float: undefined, bytes: undefined }
    if (field.number === 0) broken()
    const wire = tag & 7
    if (wire === VARINT) yield { ...field, int: varint() }
    else if (wire === FIXED_32) yield { ...field, float: view.getFloat32(skip(4), true) }
    else if (wire === FIXED_64) skip(8)
    else if (wire === BYTES) {
      const length = varint()
      const start = skip(length)
      yield { ...field, bytes: bytes.subarray(start, start + length) }
    } else broken()
  }
}
