// What is compared: each work with its contestants, and how many times as fast as each of them bertkin is meant to be.

import { existsSync } from 'node:fs'
import { Random } from '../dist/random.js'
import { maskedSequences } from './batches.mjs'
import { checkpointOf, exportedCheckpoint, vocabSizeOf } from './checkpoints.mjs'
import { close } from './close.mjs'
import { CORPUS, TOKENIZERS } from './places.mjs'
import { masked, mixedTexts, squadQuestions, wordsOf } from './texts.mjs'
import { trainingWorks } from './trainingWorks.mjs'

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

/** Products of square matrices: so many of a size as take about as long as what they are compared with. */
const PRODUCTS = { 1024: { work: 'product', size: 1024, times: 160 }, 2048: { work: 'product', size: 2048, times: 20 } }

/** Of the speed at which the best library at hand multiplies large matrices, how much is reached. */
const shareOfPeak = (id, title, target, job) => ({
  id: `peak-${id}`,
  title: `share of the machine’s peak, ${title}`,
  folder: () => checkpointOf('roberta-base'),
  job: {},
  own: job,
  isShare: true,
  peers: Object.entries(PRODUCTS).flatMap(([size, job]) => [
    { name: `ONNX Runtime, ${size}³ product`, peer: 'bertkin', target, job },
    { name: `PyTorch, ${size}³ product`, peer: PYTORCH, target, job },
  ]),
  same: () => true,
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

/** A sentence of 16 tokens; 32 texts of mixed length. */
const FILL_ONE = { work: 'fill-mask', texts: [masked(wordsOf(12, new Random(2)), '<mask>')] }
const FILL_MIXED = { work: 'fill-mask', texts: mixedTexts(32).map((text) => masked(text, '<mask>')) }

export const works = [
  {
    ...modelPeers('roberta-base'),
    id: 'fill-mask-one',
    title: 'fill-mask, roberta-base shape, one sentence of 16 tokens',
    job: FILL_ONE,
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
    job: FILL_MIXED,
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
    job: { work: 'question-answering', questions: squadQuestions(10) },
    peers: [
      { name: 'transformers 4.57', peer: 'PyTorch 4', target: 1.3 },
      { name: TRANSFORMERS_JS, peer: TRANSFORMERS_JS, target: 1.3 },
    ],
    same: sameAnswers,
  },
  {
    ...modelPeers('roberta-base'),
    id: 'start',
    title: 'process start to first answer, fill-mask, roberta-base shape (500 MB)',
    job: { ...FILL_ONE, prepack: false },
    isStartedAnew: true,
    peers: [
      { name: PYTORCH, peer: PYTORCH, target: 10 },
      { name: TRANSFORMERS_JS, peer: TRANSFORMERS_JS, target: 4 },
    ],
    same: sameTokens,
  },
  {
    folder: () => checkpointOf('roberta-base'),
    id: 'int8',
    title: 'fill-mask with int8 weights, roberta-base shape, 32 texts of mixed length',
    job: FILL_MIXED,
    own: { weights: 'int8' },
    peers: [{ name: 'bertkin, float32', peer: 'bertkin', target: 1.7 }],
    // Weights at random are of no opinion, so that many of their first two choices are a hair's breadth apart.
    same: (ours, theirs) => ours.every(({ score }, i) => close(score, theirs[i].score, 0.5)),
  },
  shareOfPeak('inference', 'batch inference, roberta-base shape, 32 texts of mixed length', 0.7, {
    work: 'batch-inference',
    texts: mixedTexts(32),
  }),
  shareOfPeak('pretraining', 'pretraining step, roberta-base shape, 8 × 128 tokens', 0.6, {
    work: 'training',
    objective: 'masked-lm',
    sequences: maskedSequences(8, vocabSizeOf('roberta-base')),
    answersFlops: true,
  }),
  embeddings('albert-base'),
  embeddings('electra-small'),
  ...trainingWorks,
  ...['electra', 'roberta', 'albert'].flatMap((kin) => [tokenizing(kin, true), tokenizing(kin, false)]),
]
