// What is compared: each work with its contestants, and how many times as fast as each of them bertkin is meant to be.

import { existsSync, readFileSync } from 'node:fs'
import { Random } from '../dist/random.js'
import { checkpointOf, exportedCheckpoint } from './checkpoints.mjs'
import { CORPUS, SQUAD, TOKENIZERS } from './places.mjs'
import { masked, mixedTexts, wordsOf } from './texts.mjs'

/** Ten passages with a question each; undefined if they are not at hand. */
function squadQuestions() {
  if (!existsSync(SQUAD)) return undefined
  const paragraphs = JSON.parse(readFileSync(SQUAD, 'utf8')).data.flatMap(({ paragraphs }) => paragraphs)
  const chosen = paragraphs.filter((_, i) => i % Math.floor(paragraphs.length / 10) === 0).slice(0, 10)
  return chosen.map(({ context, qas }) => ({ context, question: qas[0].question }))
}

/** Within a share of each other. */
const close = (a, b, share) => Math.abs(a - b) <= share * Math.max(Math.abs(a), Math.abs(b), 1e-3)

const sameTokens = (ours, theirs) =>
  ours.every(({ token, score }, i) => token === theirs[i].token && close(score, theirs[i].score, 0.01))
const sameVectors = (ours, theirs) => ours.every((vector, i) => vector.every((x, d) => close(x, theirs[i][d], 0.01)))
/** transformers.js has no limit for an answer's length, and takes a longer one now and then; what is best for both is equal. */
const sameAnswers = (ours, theirs) =>
  ours.filter(({ score }, i) => close(score / theirs[i].score, 1, 0.01)).length >= 0.7 * ours.length
const sameCount = (ours, theirs) => close(ours, theirs, 0.001)

const PYTORCH = 'PyTorch'
const TRANSFORMERS_JS = 'transformers.js'

/** The peers of a model: with its folder for all, and the exported file in it for transformers.js. */
const modelPeers = (shape) => ({
  folder: () => checkpointOf(shape),
  prepareFor: { [TRANSFORMERS_JS]: (python) => exportedCheckpoint(shape, python) },
})

const embeddings = (shape) => ({
  ...modelPeers(shape),
  id: `embeddings-${shape}`,
  title: `embeddings (mean pooling) of 256 mixed texts, ${shape} shape`,
  job: { work: 'embeddings', texts: mixedTexts(256) },
  peers: [
    { name: 'PyTorch, as they come', peer: PYTORCH, target: 2.5 },
    { name: 'PyTorch, sorted by length', peer: PYTORCH, target: 1.3, job: { sorted: true } },
    { name: TRANSFORMERS_JS, peer: TRANSFORMERS_JS, target: 2.5 },
  ],
  same: sameVectors,
})

const tokenizing = (kin, offsets) => ({
  id: `tokenize-${kin}-${offsets ? 'offsets' : 'ids'}`,
  title: `tokenizing, ${offsets ? 'ids and offsets' : 'ids only'}, ${kin}’s tokenizer`,
  folder: async () => (existsSync(TOKENIZERS) ? `${TOKENIZERS}/${kin}` : undefined),
  job: { work: 'tokenize', file: CORPUS, offsets, megabytes: 4 },
  threads: 1,
  peers: [
    { name: 'tokenizers (Rust)', peer: 'tokenizers', target: offsets ? 2 : 4 },
    // It has no offsets to give.
    ...(offsets ? [] : [{ name: '@huggingface/tokenizers', peer: 'tokenizersJs', target: 5 }]),
  ],
  same: sameCount,
})

/** 16 sequences of 128 tokens, 15 % of them masked. */
function maskedSequences(vocabSize, maskId) {
  const random = new Random(3)
  return Array.from({ length: 16 }, () => {
    const original = Array.from({ length: 128 }, () => 10 + random.below(vocabSize - 20))
    const positions = original.map((_, i) => i).filter(() => random.uniform() < 0.15)
    const ids = original.map((id, i) => (positions.includes(i) ? maskId : id))
    return { ids, positions, labels: positions.map((i) => original[i]) }
  })
}

const pretraining = (shape, target, vocabSize) => ({
  id: `pretrain-${shape}`,
  title: `pretraining step, masked LM, 16 × 128 tokens, ${shape} shape`,
  folder: () => checkpointOf(shape),
  job: { work: 'train-masked-lm', sequences: maskedSequences(vocabSize, 4) },
  peers: [
    { name: PYTORCH, peer: PYTORCH, target },
    { name: 'PyTorch, torch.compile', peer: PYTORCH, target, job: { compile: true } },
    { name: 'PyTorch, masked rows only', peer: PYTORCH, target: 1.1, job: { maskedRowsOnly: true } },
  ],
  same: (ours, theirs) => close(ours, theirs, 0.03),
})

export const works = [
  {
    ...modelPeers('roberta-base'),
    id: 'fill-mask-one',
    title: 'fill-mask, roberta-base shape, one sentence of 16 tokens',
    job: { work: 'fill-mask', texts: [masked(wordsOf(12, new Random(2)), '<mask>')] },
    peers: [
      { name: PYTORCH, peer: PYTORCH, target: 1.5 },
      { name: TRANSFORMERS_JS, peer: TRANSFORMERS_JS, target: 1.3 },
    ],
    same: sameTokens,
  },
  {
    ...modelPeers('roberta-base'),
    id: 'fill-mask-mixed',
    title: 'fill-mask, roberta-base shape, 32 texts of mixed length',
    job: { work: 'fill-mask', texts: mixedTexts(32).map((text) => masked(text, '<mask>')) },
    peers: [
      { name: `${PYTORCH}, batch_size 32`, peer: PYTORCH, target: 3 },
      { name: TRANSFORMERS_JS, peer: TRANSFORMERS_JS, target: 2.5 },
    ],
    same: sameTokens,
  },
  {
    ...modelPeers('spanbert-base'),
    id: 'question-answering',
    title: 'question answering, 10 SQuAD paragraphs, spanbert-base shape',
    job: { work: 'question-answering', questions: squadQuestions() },
    peers: [
      { name: 'transformers 4.57', peer: 'PyTorch 4', target: 1.3 },
      { name: TRANSFORMERS_JS, peer: TRANSFORMERS_JS, target: 1.3 },
    ],
    same: sameAnswers,
  },
  embeddings('albert-base'),
  embeddings('electra-small'),
  pretraining('roberta-small', 2, 30_000),
  pretraining('roberta-base', 1.4, 50_265),
  ...['electra', 'roberta', 'albert'].flatMap((kin) => [tokenizing(kin, true), tokenizing(kin, false)]),
]
