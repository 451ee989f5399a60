// A whole model against ONNX's own checker, where Python's `onnx` is at hand (BERTKIN_PYTHON=path of an interpreter that
// has it).

import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { it } from 'vitest'
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
