// What a room shows lies in the address, so that an example can be shared: #/roberta?text=…&epochs=10. Only what
// differs from the defaults is written.

type Value = string | number | boolean
export type Values = Readonly<Record<string, Value>>
/** `{ text: string, layers: number }` of `{ text: '…', layers: 12 }`. */
export type Widened<T extends Values> = {
  readonly [K in keyof T]: T[K] extends string ? string : T[K] extends number ? number : boolean
}

/** The room and the parameters in the address. */
export function readAddress(hash = location.hash): { readonly room: string; readonly parameters: URLSearchParams } {
  const [path = '', query = ''] = hash.replace(/^#\/?/, '').split('?', 2)
  return { room: path, parameters: new URLSearchParams(query) }
}

/** Typing changes the address at most this often: browsers refuse hundreds of changes in a row. */
const WRITE_AFTER = 200

/** A room's values, kept in the address. */
export class UrlState<T extends Values> {
  /** The one of the room that is seen: an older one must not write over its address. */
  static #current: unknown
  #values: Widened<T>
  #timer: ReturnType<typeof setTimeout> | undefined

  constructor(
    private readonly room: string,
    private readonly defaults: T,
    parameters = readAddress().parameters,
  ) {
    UrlState.#current = this
    const read = (name: string, fallback: Value): Value => {
      const text = parameters.get(name)
      if (text === null) return fallback
      if (typeof fallback === 'boolean') return text === 'true'
      if (typeof fallback === 'string') return text
      const number = Number(text)
      return text.trim() !== '' && Number.isFinite(number) ? number : fallback
    }
    const entries = Object.entries(defaults).map(([name, fallback]) => [name, read(name, fallback)])
    this.#values = Object.fromEntries(entries) as Widened<T>
  }

  get values(): Widened<T> {
    return this.#values
  }

  set(changes: Partial<Widened<T>>): void {
    this.#values = { ...this.#values, ...changes }
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => this.write(), WRITE_AFTER)
  }

  /** Writes at once. */
  write(): void {
    clearTimeout(this.#timer)
    if (UrlState.#current !== this || readAddress().room !== this.room) return // somebody has left it meanwhile
    const parameters = new URLSearchParams()
    for (const [name, value] of Object.entries(this.#values)) {
      if (value !== this.defaults[name]) parameters.set(name, String(value))
    }
    const query = parameters.size > 0 ? `?${parameters}` : ''
    history.replaceState(history.state, '', `#/${this.room}${query}`)
  }
}

/** A number from the address, brought into bounds. */
export const clamp = (value: number, least: number, most: number): number => Math.min(most, Math.max(least, value))
