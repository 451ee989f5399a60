// Tokens and ids, both ways round.
import { TokenizerError } from './error.js'
import { asIndex, type Json } from './json.js'

/**
 * A two-way table of tokens and ids. Ids need not be without gaps.
 *
 * @example
 * const vocabulary = new Vocabulary([['[PAD]', 0], ['a', 1]], 'vocab.txt')
 * vocabulary.idOf('a') // 1
 */
export class Vocabulary {
  private readonly ids = new Map<string, number>()
  private readonly tokens: (string | undefined)[] = []

  /** Throws `tokenizer-malformed`, naming `where`, on an id that is no whole number or that stands twice. */
  constructor(entries: Iterable<readonly [token: string, id: unknown]>, where: string) {
    for (const [token, value] of entries) {
      const id = asIndex(() => `${where}: the id of ${JSON.stringify(token)}`, value)
      const other = this.tokens[id]
      if (other !== undefined) {
        throw new TokenizerError(
          'tokenizer-malformed',
          `${where} gives the id ${id} to both ${JSON.stringify(other)} and ${JSON.stringify(token)}; each needs its own`,
        )
      }
      this.tokens[id] = token
      this.ids.set(token, id)
    }
  }

  get size(): number {
    return this.ids.size
  }

  idOf(token: string): number | undefined {
    return this.ids.get(token)
  }

  tokenOf(id: number): string | undefined {
    return this.tokens[id]
  }

  entries(): Iterable<readonly [token: string, id: number]> {
    return this.ids
  }

  toJson(): Json {
    // No prototype, so that a token called "__proto__" is a key like any other.
    const json: Record<string, number> = Object.create(null)
    for (const [token, id] of [...this.ids].sort((a, b) => a[1] - b[1])) json[token] = id
    return json
  }
}
