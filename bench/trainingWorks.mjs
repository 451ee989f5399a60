// Steps of training, compared with PyTorch's: the four kin's pretraining in two sizes, and fine-tuning.

import { answeredWindows, labelledSequences, maskedSequences } from './batches.mjs'
import { checkpointOf, vocabSizeOf } from './checkpoints.mjs'
import { close } from './close.mjs'
import { mixedLengths, squadQuestions } from './texts.mjs'

const PYTORCH = 'PyTorch'

/** Dropout is drawn anew by each, and ELECTRA's samples are. */
const sameLoss = (ours, theirs) => close(ours, theirs, 0.05)
/** A few labels are not many, and the softmax over a window's columns runs over padding in PyTorch. */
const nearLoss = (ours, theirs) => close(ours, theirs, 0.25)

/** What each kin is pretrained for, and in which shapes. */
const KIN = {
  roberta: { objective: 'masked-lm', told: 'masked LM', shapes: (size) => [`roberta-${size}`] },
  albert: {
    objective: 'sentence-order',
    told: 'masked LM and sentence order',
    shapes: (size) => [`albert-${size}-pretraining`],
    batch: { pairs: true },
  },
  electra: {
    objective: 'replaced-token-detection',
    told: 'generator and discriminator',
    shapes: (size) => [`electra-${size}-generator`, `electra-${size}-discriminator`],
  },
  spanbert: {
    objective: 'span-boundary',
    told: 'masked LM and boundaries',
    shapes: (size) => [`spanbert-${size}-pretraining`],
    batch: { spans: true },
  },
}

/** A shape's size has so many sequences in a batch. */
const SEQUENCES = { small: 16, base: 8 }

function pretraining(kin, size, target) {
  const { objective, told, shapes, batch } = KIN[kin]
  const [first] = shapes(size)
  const sequences = maskedSequences(SEQUENCES[size], vocabSizeOf(first), batch)
  const job = { work: 'training', objective, sequences }
  return {
    id: `pretrain-${kin}-${size}`,
    title: `pretraining step, ${kin}-${size} shape, ${told}, ${SEQUENCES[size]} × 128 tokens`,
    folder: () => checkpointOf(first),
    job: async () => ({ ...job, folders: await Promise.all(shapes(size).map(checkpointOf)) }),
    peers: [
      { name: PYTORCH, peer: PYTORCH, target },
      { name: 'PyTorch, torch.compile', peer: PYTORCH, target, job: { compile: true } },
      { name: 'PyTorch, masked rows only', peer: PYTORCH, target: 1.1, job: { maskedRowsOnly: true } },
    ],
    same: sameLoss,
  }
}

const fineTuning = (id, title, shape, objective, sequences) => ({
  id: `finetune-${id}`,
  title: `fine-tuning step, ${title}`,
  folder: () => checkpointOf(shape),
  job: { work: 'training', objective, sequences },
  peers: [
    { name: PYTORCH, peer: PYTORCH, target: 1.5 },
    { name: 'PyTorch, torch.compile', peer: PYTORCH, target: 1.5, job: { compile: true } },
  ],
  same: nearLoss,
})

/** Lengths in tokens of questions with their passages, guessed from their words; undefined without them. */
const windowLengths = (count) =>
  squadQuestions(count)?.map(({ question, context }) =>
    Math.min(384, Math.round(1.3 * `${question} ${context}`.split(/\s+/).length) + 3),
  )

const windows = windowLengths(8)

export const trainingWorks = [
  pretraining('roberta', 'small', 2),
  pretraining('albert', 'small', 2),
  pretraining('electra', 'small', 2),
  pretraining('spanbert', 'small', 2),
  pretraining('roberta', 'base', 1.4),
  pretraining('albert', 'base', 1.2),
  pretraining('electra', 'base', 1.2),
  pretraining('spanbert', 'base', 1.2),
  fineTuning(
    'classification',
    'classification, roberta-base shape, 32 texts of mixed length',
    'roberta-base-classifier',
    'classification',
    labelledSequences(mixedLengths(32), vocabSizeOf('roberta-base-classifier')),
  ),
  fineTuning(
    'question-answering',
    'question answering, spanbert-base shape, 8 windows of SQuAD’s lengths',
    'spanbert-base',
    'answers',
    windows && answeredWindows(windows, vocabSizeOf('spanbert-base')),
  ),
]
