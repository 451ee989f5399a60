// As much of Protocol Buffers' wire format as writing an ONNX model takes
// (https://protobuf.dev/programming-guides/encoding).

const VARINT = 0
const BYTES = 2
const FIXED32 = 5

/**
 * Writes one message. Fields are given by number; nested messages are written by a callback.
 *
 * @example
 * new ProtobufWriter().int(1, 10).string(2, 'hello').finish()
 */
export class ProtobufWriter {
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

  bytes(field: number, value: Uint8Array): this {
    this.#tag(field, BYTES)
    this.#varint(BigInt(value.length))
    this.#reserve(value.length)
    this.#bytes.set(value, this.#length)
    this.#length += value.length
    return this
  }

  string(field: number, value: string): this {
    return this.bytes(field, new TextEncoder().encode(value))
  }

  message(field: number, write: (writer: ProtobufWriter) => void): this {
    const writer = new ProtobufWriter()
    write(writer)
    return this.bytes(field, writer.finish())
  }

  finish(): Uint8Array {
    return this.#bytes.slice(0, this.#length)
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
    grown.set(this.#bytes)
    this.#bytes = grown
  }
}
