// ALBERT's claims: layers that share their parameters, and tables narrower than the layers, cost little (Lan et al., 2019,
// sections 4.4 and 4.5).

import { finetuned, heldOut, parameters } from './measures.mjs'

const shared = (sharing) => ({ name: `shared: ${sharing}`, options: ['--sharing', sharing] })
const embedding = (size) => ({
  name: `shared: all, embeddings of ${size}`,
  options: ['--embedding-size', String(size)],
})

export default {
  tokenizer: { type: 'unigram', options: ['--vocab-size', '8000'] },
  options: [
    ...['--recipe', 'albert', '--size', 'tiny', '--layers', '4', '--max-length', '64'],
    ...['--steps', '1500', '--evaluate-every', '150'],
    ...['--optimizer', 'adamw', '--bias-correction', '--learning-rate', '1e-3'],
  ],
  arms: [...['all', 'attention', 'ffn', 'none'].map(shared), ...[32, 64].map(embedding)],
  measures: [
    parameters,
    heldOut('masked loss', 'mlm_loss'),
    heldOut('order (%)', 'sop_accuracy', { digits: 1, factor: 100 }),
    finetuned('WNUT-17 (F1)', 'wnut17', ['--epochs', '4', '--dropout', '0.1']),
  ],
  curves: [{ title: 'Held-out masked loss, over the steps', metric: 'mlm_loss' }],
}
