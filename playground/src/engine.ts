import { h } from './dom.js'
import { loadTokenizer, type Tokenizer } from 'bertkin'
import { shippedAddress } from './models.js'

export class Engine {
  readonly statusLine = h('p', { role: 'status' }, 'No model is loaded yet.')
  readonly #tokenizers = new Map<string, Promise<Tokenizer>>()

  tokenizer(model: string): Promise<Tokenizer> {
    const known = this.#tokenizers.get(model)
    if (known) return known
    const loading = loadTokenizer(shippedAddress(model) ?? model)
    this.#tokenizers.set(model, loading)
    loading.catch(() => this.#tokenizers.delete(model))
    return loading
  }
}
