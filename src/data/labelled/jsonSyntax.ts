// A walk over JSON text that builds nothing: it finds the first syntax error, refuses deep nesting, and tells where
// values begin. JSON.parse then makes the values; what it says of errors differs between engines and lacks the place.

/** How deep objects and arrays may be nested. No data set comes near it; recursion and memory stay bounded by it. */
const MAX_DEPTH = 64

const SCALAR = /true|false|null|-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?/y
const ESCAPE = /\\(["\\/bfnrt]|u[0-9a-fA-F]{4})/y

/** Keys and indices from the outermost value inwards. */
export type JsonPath = readonly (string | number)[]

/** What is wrong with JSON text, and where (UTF-16 units from its start). */
export interface JsonFault {
  readonly offset: number
  readonly message: string
}

/**
 * The first fault of `text` as JSON, or undefined. `visit` is told each object and array inside the outermost one, with
 * its path (reused: copy what is to be kept) and where it begins.
 *
 * @example
 * jsonFault('[1, 2') // { offset: 5, message: 'expected a comma or ], found the end of the text' }
 */
export function jsonFault(text: string, visit?: (path: JsonPath, offset: number) => void): JsonFault | undefined {
  const walk = new JsonWalk(text, visit)
  try {
    walk.value()
    walk.space()
    return walk.at === text.length ? undefined : walk.fault('the end of the text').fault
  } catch (error) {
    if (error instanceof FaultFound) return error.fault
    throw error
  }
}

/** Thrown inside the walk only. */
class FaultFound {
  constructor(readonly fault: JsonFault) {}
}

class JsonWalk {
  at = 0
  private readonly path: (string | number)[] = []

  constructor(
    private readonly text: string,
    private readonly visit: ((path: JsonPath, offset: number) => void) | undefined,
  ) {}

  fault(expected: string): FaultFound {
    const found =
      this.at >= this.text.length ? 'the end of the text' : JSON.stringify(this.text.slice(this.at, this.at + 8))
    return new FaultFound({ offset: this.at, message: `expected ${expected}, found ${found}` })
  }

  space(): void {
    for (;;) {
      const code = this.text.charCodeAt(this.at)
      if (code !== 32 && code !== 10 && code !== 13 && code !== 9) return
      this.at++
    }
  }

  value(): void {
    this.space()
    const first = this.text[this.at]
    if (first === '{' || first === '[') this.container(first)
    else if (first === '"') this.string()
    else this.scalar()
  }

  private container(open: '{' | '['): void {
    if (this.path.length === MAX_DEPTH) {
      throw new FaultFound({ offset: this.at, message: `nested more than ${MAX_DEPTH} deep` })
    }
    const isObject = open === '{'
    const close = isObject ? '}' : ']'
    if (this.path.length > 0) this.visit?.(this.path, this.at)
    this.at++
    this.space()
    if (this.text[this.at] === close) {
      this.at++
      return
    }
    const depth = this.path.length
    for (let index = 0; ; index++) {
      this.path[depth] = isObject ? this.key() : index
      this.value()
      this.path.length = depth
      this.space()
      const next = this.text[this.at]
      if (next !== ',' && next !== close) throw this.fault(`a comma or ${close}`)
      this.at++
      if (next === close) return
    }
  }

  private key(): string {
    this.space()
    const start = this.at
    if (this.text[this.at] !== '"') throw this.fault('a key in double quotes')
    this.string()
    const literal = this.text.slice(start, this.at)
    this.space()
    if (this.text[this.at] !== ':') throw this.fault('a colon')
    this.at++
    return literal.includes('\\') ? String(JSON.parse(literal)) : literal.slice(1, -1)
  }

  private string(): void {
    const { text } = this
    for (this.at++; ; this.at++) {
      const code = text.charCodeAt(this.at)
      if (code === 34) break
      if (code >= 32 && code !== 92) continue
      if (code !== 92)
        throw this.fault(this.at < text.length ? 'no bare control character in a string' : 'a closing quote')
      ESCAPE.lastIndex = this.at
      if (!ESCAPE.test(text)) throw this.fault('an escape sequence')
      this.at = ESCAPE.lastIndex - 1
    }
    this.at++
  }

  private scalar(): void {
    SCALAR.lastIndex = this.at
    if (!SCALAR.test(this.text)) throw this.fault('a value')
    this.at = SCALAR.lastIndex
  }
}
