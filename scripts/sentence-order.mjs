// How well a pretrained ALBERT or BERT tells the order of two segments of one document, whatever it was trained for:
//
//   npm run build
//   node scripts/sentence-order.mjs RUN TEXTS…
//
// Takes pairs from one document in a hundred (those that `bertkin pretrain` holds out by default; another share with
// EVERY=20), half of them swapped, and prints how many of them the model's pair head gets right. A model that learnt
// next sentence prediction (`--sentence-pairs nsp`) knows a random segment, but hardly a swapped one.

import process from 'node:process'
import { packSentencePairs, splitHeldOut, splitSentences, textCorpus } from '../dist/data/index.node.js'
import { loadModel, maxSequenceLength } from '../dist/model/index.js'
import { loadTokenizer } from '../dist/pipeline/index.js'

const [run, ...texts] = process.argv.slice(2)
if (!run || texts.length === 0) throw new Error('usage: node scripts/sentence-order.mjs RUN TEXTS…')
const every = Number(process.env.EVERY ?? 100)
const most = Number(process.env.PAIRS ?? 2000)

const tokenizer = await loadTokenizer(run)
const model = await loadModel(run)
const output = model.config.modelType === 'albert' ? 'sop_logits' : 'seq_relationship_logits'
const { cls, sep } = tokenizer.specialTokens
const packing = packSentencePairs({
  maxLength: maxSequenceLength(model.config),
  clsId: cls.id,
  sepId: sep.id,
  task: 'sentence-order',
})

let [right, total, swapped] = [0, 0, 0]
let document = 0
for await (const { lines } of splitSentences(splitHeldOut(await textCorpus(texts), { every }).heldOut).documents()) {
  // A packer for each document: with no other one to take text from, it makes pairs of this one only.
  const pairs = packing.start(document++).add(lines.map((line) => tokenizer.encodeIds(line)))
  const learnable = pairs.filter(({ typeIds }) => typeIds.includes(1)).slice(0, most - total)
  if (learnable.length > 0) {
    const { data } = (await model.run(learnable, { outputs: [output] }))[output]
    learnable.forEach(({ label }, i) => {
      total++
      swapped += label
      if (Number(data[2 * i + 1] > data[2 * i]) === label) right++
    })
  }
  if (total >= most) break
}
const percent = (count) => `${((100 * count) / total).toFixed(1)} %`
console.log(`${run}: ${percent(right)} of ${total} pairs right; ${percent(swapped)} of them are swapped`)
model.dispose()
