// SpanBERT's claim: hiding whole spans, and predicting them from their boundaries, teaches more for questions than hiding
// single tokens (Joshi et al., 2019, section 5).

import { finetuned, heldOut } from './measures.mjs'

export default {
  tokenizer: { type: 'wordpiece', options: ['--vocab-size', '8000', '--cased'] },
  options: ['--size', 'tiny', '--steps', '2000', '--evaluate-every', '200'],
  arms: [
    { name: 'tokens', options: ['--recipe', 'bert', '--sentence-pairs', 'none', '--masking', 'token'] },
    { name: 'spans', options: ['--recipe', 'bert', '--sentence-pairs', 'none', '--masking', 'span'] },
    { name: 'spans and their boundaries', options: ['--recipe', 'spanbert'] },
  ],
  measures: [
    heldOut('masked loss (of its own masks)', 'mlm_loss'),
    finetuned('SQuAD (F1)', 'squad', ['--epochs', '1', '--dropout', '0.1']),
    finetuned('WNUT-17 (F1)', 'wnut17', ['--epochs', '4', '--dropout', '0.1']),
  ],
  curves: [{ title: 'Held-out masked loss, each of its own masks, over the steps', metric: 'mlm_loss' }],
}
