// node dist/conformance/logits.js FOLDER OUT.safetensors < texts: a checkpoint's ids and logits for each line, for
// comparison with another library's (scripts/agree_with_transformers.py).

import { createInterface } from 'node:readline'
import { safetensorsChunks, type TensorToWrite, writeFileAtomically } from '../checkpoint/index.js'
import { loadModel, maxSequenceLength } from '../model/index.js'
import { loadTokenizer } from '../pipeline/index.js'

const [folder, target] = process.argv.slice(2)
if (!folder || !target) throw new Error('usage: logits.js FOLDER OUT.safetensors < texts')

const tokenizer = await loadTokenizer(folder)
using model = await loadModel(folder)
const tensors: TensorToWrite[] = []
let line = 0
for await (const text of createInterface({ input: process.stdin })) {
  const { ids, typeIds } = tokenizer.encode(text, { truncation: { maxLength: maxSequenceLength(model.config) } })
  const { logits } = await model.run([{ ids, typeIds }])
  tensors.push({ name: `ids.${line}`, dtype: 'I32', shape: [ids.length], data: ids })
  tensors.push({ name: `logits.${line}`, dtype: 'F32', shape: logits!.dims, data: logits!.data as Float32Array })
  line++
}
await writeFileAtomically(target, safetensorsChunks(tensors))
