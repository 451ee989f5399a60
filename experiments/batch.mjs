// Batch size against steps at equal data (RoBERTa, section 4.3): the same sequences, in few large steps or in many small
// ones, each with a learning rate that grows with the root of the batch.

import { heldOut } from './measures.mjs'

const SEQUENCES = 32_000
const [MIDDLE, RATE] = [16, 2e-3]

const arm = (batch) => ({
  name: `${SEQUENCES / batch} steps of ${batch}`,
  options: [
    ...['--batch-size', String(batch), '--steps', String(SEQUENCES / batch)],
    ...['--evaluate-every', String(Math.floor(SEQUENCES / batch / 10))],
    ...['--learning-rate', String(RATE * Math.sqrt(batch / MIDDLE))],
  ],
})

export default {
  tokenizer: { type: 'byte-level-bpe', options: ['--vocab-size', '8000'] },
  options: ['--recipe', 'roberta', '--size', 'tiny', '--max-length', '64'],
  arms: [4, 16, 64, 256].map(arm),
  measures: [
    heldOut('held-out masked loss', 'mlm_loss'),
    heldOut('held-out masked accuracy (%)', 'mlm_accuracy', { digits: 1, factor: 100 }),
  ],
  curves: [{ title: 'Held-out masked loss, over the tokens read', metric: 'mlm_loss', x: 'tokens' }],
}
