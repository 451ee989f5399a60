// ALBERT's claim: sentence order prediction teaches what next sentence prediction does not (Lan et al., 2019, section 4.6).

import { finetuned, heldOut, sentenceOrder } from './measures.mjs'

export default {
  tokenizer: { type: 'unigram', options: ['--vocab-size', '8000'] },
  options: [
    ...['--recipe', 'albert', '--size', 'tiny', '--steps', '2000', '--evaluate-every', '200'],
    ...['--optimizer', 'adamw', '--bias-correction', '--learning-rate', '1e-3'],
  ],
  arms: [
    { name: 'sentence order', options: ['--sentence-pairs', 'sop'] },
    { name: 'next sentence', options: ['--sentence-pairs', 'nsp'] },
    { name: 'neither', options: ['--sentence-pairs', 'none'] },
  ],
  measures: [
    heldOut('masked loss', 'mlm_loss'),
    { ...sentenceOrder, of: (run) => (run.arm.name === 'neither' ? undefined : sentenceOrder.of(run)) },
    finetuned('WNUT-17 (F1)', 'wnut17', ['--epochs', '4', '--dropout', '0.1']),
  ],
  curves: [{ title: 'Held-out masked loss, over the steps', metric: 'mlm_loss' }],
}
