// RoBERTa's claim: masks that are drawn anew each time a text is read teach more than masks drawn once (Liu et al., 2019,
// section 4.1). It can only show where texts are read many times over, so these are few: some twenty epochs.

import { heldOut } from './measures.mjs'

export default {
  tokenizer: { type: 'byte-level-bpe', options: ['--vocab-size', '4000'] },
  characters: 400_000,
  options: [
    ...['--recipe', 'roberta', '--size', 'tiny', '--max-length', '64', '--steps', '2500'],
    ...['--evaluate-every', '125', '--held-out-every', '10'],
  ],
  arms: [
    { name: 'masked once', options: ['--static-masks', '1'] },
    { name: 'ten copies, each masked once', options: ['--static-masks', '10'] },
    { name: 'masked anew', options: [] },
  ],
  measures: [
    heldOut('held-out masked loss', 'mlm_loss'),
    heldOut('held-out masked accuracy (%)', 'mlm_accuracy', { digits: 1, factor: 100 }),
  ],
  curves: [{ title: 'Held-out masked loss, over the steps', metric: 'mlm_loss' }],
}
