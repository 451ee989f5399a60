// node dist/conformance/logits.js FOLDER OUT.safetensors < texts: a checkpoint's ids and outputs for each line (two texts
// of a pair have a tab between them), for comparison with another library's (scripts/agree_with_transformers.py).

import { createInterface } from 'node:readline'
import { safetensorsChunks, type TensorToWrite, writeFileAtomically } from '../checkpoint/index.js'
import { loadModel, maxSequenceLength } from '../model/index.js'
import { loadTokenizer } from '../pipeline/index.js'

const [folder, target] = process.argv.slice(2)
if (!folder || !target) throw new Error('usage: logits.js FOLDER OUT.safetensors < texts')

const tokenizer = await loadTokenizer(folder)
using plain = await loadModel(folder)
// SpanBERT's boundary head, of which config.json knows nothing.
const hasBoundaries = plain.report.unexpected.some((name) => name.startsWith('cls.pair_target_predictions.'))
using boundaries = hasBoundaries ? await loadModel(folder, { head: 'span-boundary' }) : undefined

const truncation = { maxLength: maxSequenceLength(plain.config) }
const tensors: TensorToWrite[] = []
let line = 0
for await (const text of createInterface({ input: process.stdin })) {
  const [first = '', pair] = text.split('\t')
  const { ids, typeIds } = tokenizer.encode(first, { ...(pair !== undefined && { pair }), truncation })
  tensors.push({ name: `ids.${line}`, dtype: 'I32', shape: [ids.length], data: ids })
  tensors.push({ name: `types.${line}`, dtype: 'I32', shape: [ids.length], data: Int32Array.from(typeIds) })
  // The tokens between the first and the last as a span.
  const inside = Array.from({ length: Math.max(0, Math.min(ids.length - 2, 15)) }, (_, place) => place)
  const spanTargets = inside.map((place) => ({ sequence: 0, left: 0, right: ids.length - 1, place }))
  const outputs = await (boundaries ?? plain).run([{ ids, typeIds }], boundaries ? { spanTargets } : {})
  for (const [name, { dims, data }] of Object.entries(outputs)) {
    tensors.push({ name: `${name}.${line}`, dtype: 'F32', shape: dims, data: data as Float32Array })
  }
  line++
}
await writeFileAtomically(target, safetensorsChunks(tensors))
