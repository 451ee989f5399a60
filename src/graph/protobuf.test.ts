// The wire format against encodings written by hand from its specification, and, where Python's `onnx` is at hand
// (BERTKIN_PYTHON=path of an interpreter that has it), a whole model against ONNX's own checker.

import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { compile } from './compile.js'
import { grad } from './gradient.js'
import {
  crossEntropy,
  dropout,
  embedding,
  gelu,
  input,
  layerNorm,
  linear,
  parameter,
  reduceSum,
} from './operators/index.js'
import { ProtobufWriter } from './protobuf.js'

const hex = (writer: ProtobufWriter): string => Buffer.from(writer.finish()).toString('hex')

describe('ProtobufWriter', () => {
  const encodings: readonly (readonly [what: string, writer: ProtobufWriter, bytes: string])[] = [
    ['nothing', new ProtobufWriter(), ''],
    ['150', new ProtobufWriter().int(1, 150), '089601'],
    ['0', new ProtobufWriter().int(1, 0), '0800'],
    ['127', new ProtobufWriter().int(1, 127), '087f'],
    ['128', new ProtobufWriter().int(1, 128), '088001'],
    ['300', new ProtobufWriter().int(2, 300), '10ac02'],
    ['2³²', new ProtobufWriter().int(1, 2 ** 32), '08808080801' + '0'],
    ['−1, ten bytes of two’s complement', new ProtobufWriter().int(1, -1), '08ffffffffffffffffff01'],
    ['the largest int64', new ProtobufWriter().int(1, 2n ** 63n - 1n), '08ffffffffffffffff7f'],
    ['a field number over 15', new ProtobufWriter().int(20, 7), 'a00107'],
    ['a text', new ProtobufWriter().string(2, 'testing'), '120774657374696e67'],
    ['a text beyond ASCII', new ProtobufWriter().string(1, 'Ωé'), '0a04cea9c3a9'],
    ['an empty text', new ProtobufWriter().string(1, ''), '0a00'],
    ['a float', new ProtobufWriter().float(2, 1.5), '150000c03f'],
    ['a message in a message', new ProtobufWriter().message(3, (w) => w.int(1, 150)), '1a03089601'],
    ['an empty message', new ProtobufWriter().message(3, () => {}), '1a00'],
    ['one after the other', new ProtobufWriter().int(1, 1).int(1, 2), '08010802'],
  ]
  it.each(encodings)('writes %s', (_, writer, bytes) => {
    expect(hex(writer)).toBe(bytes)
  })

  it('grows as it must', () => {
    const bytes = new Uint8Array(100_000).map((_, i) => i)
    const written = new ProtobufWriter().int(1, 5).bytes(2, bytes).int(3, 6).finish()
    expect(written.slice(0, 6)).toEqual(Uint8Array.of(8, 5, 0x12, 0xa0, 0x8d, 0x06))
    expect(written.slice(6, -2)).toEqual(bytes)
    expect(written.slice(-2)).toEqual(Uint8Array.of(0x18, 6))
  })

  it('refuses what is not a whole number', () => {
    expect(() => new ProtobufWriter().int(1, 1.5)).toThrow(RangeError)
  })
})

/** The interpreter to ask, if it is named and has `onnx`. */
function pythonWithOnnx(): string | undefined {
  const python = process.env.BERTKIN_PYTHON
  if (!python) return undefined
  try {
    execFileSync(python, ['-c', 'import onnx'], { stdio: 'ignore' })
    return python
  } catch {
    return undefined
  }
}

const python = pythonWithOnnx()

it.skipIf(!python)(
  `ONNX’s checker accepts a training step${python ? '' : ' (skipped: BERTKIN_PYTHON has no onnx)'}`,
  () => {
    let streams = 0
    const source = { seed: input('seed', 'uint32', [1]), nextStream: () => streams++ }
    const table = parameter('table', [10, 4])
    const x = dropout(embedding(table, input('ids', 'int32', ['tokens']), 0), 0.1, source)
    const y = gelu(linear(layerNorm(x, parameter('w', [4]), parameter('b', [4]), 1e-12), parameter('dense', [4, 4])))
    const { loss } = crossEntropy(linear(y, table, parameter('bias', [10])), input('labels', 'int32', ['tokens']))
    const total = reduceSum(loss)
    const [dTable] = grad(total, [table])
    const { bytes } = compile(
      { total, dTable: dTable! },
      { stored: (name) => (name === 'bias' ? { dtype: 'float16', data: new Uint8Array(20) } : undefined) },
    )
    const folder = mkdtempSync(join(tmpdir(), 'bertkin-onnx-'))
    try {
      const path = join(folder, 'model.onnx')
      writeFileSync(path, bytes)
      // Full: shapes are inferred too, and must agree with those that are written. (ONNX Runtime's own domain has no
      // schema there; the checker passes over it.)
      const script = 'import onnx, sys; onnx.checker.check_model(onnx.load(sys.argv[1]), full_check=True)'
      execFileSync(python!, ['-c', script, path], { stdio: 'pipe' })
    } finally {
      rmSync(folder, { recursive: true })
    }
  },
)
