// ELECTRA's claims: detecting replaced tokens teaches more than filling masks, for the same operations, and it does so
// because it learns from all tokens (Clark et al., 2020, section 3.4).

import { finetuned, heldOut, operations } from './measures.mjs'

// An ELECTRA's step has two models in it; the other's steps are so many more that both come to the same operations.
const [STEPS, MLM_STEPS] = [1500, 2570]

const electra = ['--recipe', 'electra', '--discriminator-weight', '10', '--steps', String(STEPS)]

export default {
  tokenizer: { type: 'wordpiece', options: ['--vocab-size', '8000'] },
  options: ['--size', 'tiny', '--max-length', '64', '--evaluate-every', '250'],
  arms: [
    {
      name: 'masked tokens (a BERT)',
      options: ['--recipe', 'bert', '--sentence-pairs', 'none', '--steps', String(MLM_STEPS)],
    },
    { name: 'replaced tokens, all', options: electra },
    { name: 'replaced tokens, 15 % only', options: [...electra, '--predicted-tokens-only'] },
  ],
  measures: [
    operations,
    heldOut('masked loss', 'mlm_loss'),
    heldOut('AUC', 'rtd_auc'),
    finetuned('WNUT-17 (F1)', 'wnut17', ['--epochs', '4', '--dropout', '0.1', '--layer-decay', '1']),
    finetuned('polarity (%)', 'polarity', ['--epochs', '3', '--dropout', '0.1', '--layer-decay', '1']),
  ],
  curves: [{ title: 'Held-out AUC of detection, over the steps', metric: 'rtd_auc' }],
}
