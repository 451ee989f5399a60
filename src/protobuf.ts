// As much of Protocol Buffers' wire format as writing ONNX models and TensorBoard's events takes
// (https://protobuf.dev/programming-guides/encoding).

const VARINT = 0
const FIXED64 = 1
const BYTES = 2
const FIXED32 = 5

/** Values from this size on are not copied. */
const LARGE = 1 << 16

/**
 * Writes one message. Fields are given by number; nested messages are written by a callback. Large byte values are kept
 * as they are until the message is finished, and must not be changed before.
 *
 * @example
 * new ProtobufWriter().int(1, 10).string(2, 'hello').finish()
 */
export class ProtobufWriter {
  /** What is done: earlier contents of `#bytes`, and large values by themselves. */
  readonly #chunks: Uint8Array[] = []
  #doneLength = 0
  #bytes = new Uint8Array(256)
  #length = 0

  int(field: number, value: number | bigint): this {
    this.#tag(field, VARINT)
    this.#varint(BigInt.asUintN(64, BigInt(value)))
    return this
  }

  float(field: number, value: number): this {
    this.#tag(field, FIXED32)
    this.#reserve(4)
    new DataView(this.#bytes.buffer).setFloat32(this.#length, value, true)
    this.#length += 4
    return this
  }

  double(field: number, value: number): this {
    this.#tag(field, FIXED64)
    this.#reserve(8)
    new DataView(this.#bytes.buffer).setFloat64(this.#length, value, true)
    this.#length += 8
    return this
  }

  bytes(field: number, value: Uint8Array): this {
    this.#tag(field, BYTES)
    this.#varint(BigInt(value.length))
    this.#append(value)
    return this
  }

  string(field: number, value: string): this {
    return this.bytes(field, new TextEncoder().encode(value))
  }

  message(field: number, write: (writer: ProtobufWriter) => void): this {
    const writer = new ProtobufWriter()
    write(writer)
    this.#tag(field, BYTES)
    this.#varint(BigInt(writer.length))
    for (const chunk of writer.chunks()) this.#append(chunk)
    return this
  }

  /** Bytes so far. */
  get length(): number {
    return this.#doneLength + this.#length
  }

  /** The message in pieces, large values among them as they were given: a model's weights need not be held twice. */
  chunks(): readonly Uint8Array[] {
    this.#flush()
    return this.#chunks
  }

  finish(): Uint8Array {
    const whole = new Uint8Array(this.length)
    let position = 0
    for (const chunk of this.chunks()) {
      whole.set(chunk, position)
      position += chunk.length
    }
    return whole
  }

  #append(value: Uint8Array): void {
    if (value.length >= LARGE) {
      this.#flush()
      this.#chunks.push(value)
      this.#doneLength += value.length
      return
    }
    this.#reserve(value.length)
    this.#bytes.set(value, this.#length)
    this.#length += value.length
  }

  #flush(): void {
    if (this.#length === 0) return
    this.#chunks.push(this.#bytes.slice(0, this.#length))
    this.#doneLength += this.#length
    this.#length = 0
  }

  #tag(field: number, wireType: number): void {
    this.#varint(BigInt((field << 3) | wireType))
  }

  #varint(value: bigint): void {
    this.#reserve(10)
    while (value > 127n) {
      this.#bytes[this.#length++] = Number(value & 127n) | 128
      value >>= 7n
    }
    this.#bytes[this.#length++] = Number(value)
  }

  #reserve(count: number): void {
    if (this.#length + count <= this.#bytes.length) return
    const grown = new Uint8Array(Math.max(this.#bytes.length * 2, this.#length + count))
    grown.set(this.#bytes.subarray(0, this.#length))
    this.#bytes = grown
  }
}
