// A machine for Python's pickle format, protocols 2 to 5, that builds plain data and executes nothing. A pickle is a
// program: it may name any function of Python and have it called. Here a name is only looked up in a list that the
// caller gives, and everything else in the program makes values: numbers, texts, lists, tuples, dictionaries.
// The instructions: https://docs.python.org/3/library/pickletools.html and CPython's Lib/pickle.py.

import type { CheckpointError } from './error.js'
import { Dict, malformedTorch, PickleObject, type PickleValue, Tuple, unsafe } from './pickleValue.js'

/** What a pickle may be made of. Weights need some 40 instructions a tensor; more than this is no file of weights. */
export const MOST_STEPS = 1_000_000

/** The longest number, bytes: PyTorch's largest is a magic number of 10. */
const LONGEST_INTEGER = 64
const LONGEST_NAME = 1000

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** What a pickle can reach beyond plain data. All three throw what the reading of the file is to end with. */
export interface PickleWorld {
  /** What a name such as `collections.OrderedDict` stands for. */
  find(name: string): PickleObject
  /** What calling something gives. */
  call(callee: PickleValue, args: readonly PickleValue[]): PickleValue
  /** An object that is stored outside the pickle. */
  load(id: PickleValue): PickleValue
}

/** A pickle's value, and where the bytes after it begin. */
export interface Unpickled {
  readonly value: PickleValue
  readonly end: number
}

/**
 * Builds the value of a pickle; `undefined` if the bytes end before it does.
 *
 * @param bytes holds the pickle
 * @param start where it begins
 * @param world what it may reach
 * @param fileName what messages call the file
 * @throws CheckpointError `file-unsafe` if it asks for what `world` does not have; `file-malformed`
 * @example
 * // PROTO 2, EMPTY_LIST, BININT1 7, APPEND, STOP
 * const nothing = { find: () => { throw Error('nothing here') }, call: () => null, load: () => null }
 * unpickle(Uint8Array.of(0x80, 2, 0x5d, 0x4b, 7, 0x61, 0x2e), 0, nothing, 'list.pkl') // { value: [7], end: 7 }
 */
export function unpickle(
  bytes: Uint8Array,
  start: number,
  world: PickleWorld,
  fileName: string,
): Unpickled | undefined {
  const machine = new Machine(bytes, start, world, fileName)
  try {
    return machine.run()
  } catch (error) {
    if (error instanceof BytesEnded) return undefined
    throw error
  }
}

/** Thrown where bytes are missing: the caller may have more of them. */
class BytesEnded extends Error {}

class Machine {
  readonly memo = new Map<number, PickleValue>()
  readonly #stack: PickleValue[] = []
  /** Where in the stack each open MARK is. */
  readonly #marks: number[] = []
  readonly #view: DataView
  #position: number

  constructor(
    private readonly bytes: Uint8Array,
    start: number,
    readonly world: PickleWorld,
    readonly fileName: string,
  ) {
    this.#position = start
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  }

  run(): Unpickled {
    for (let step = 0; step < MOST_STEPS; step++) {
      const at = this.#position
      const code = this.uint8()
      if (code === STOP) return this.#finish()
      const operation = OPERATIONS.get(code)
      if (operation === undefined) {
        throw this.malformed(`weights do not use the pickle instruction 0x${code.toString(16)} at byte ${at}`)
      }
      operation(this)
    }
    throw this.malformed(`its pickle has more than ${MOST_STEPS} instructions`)
  }

  #finish(): Unpickled {
    const value = this.pop()
    if (this.#stack.length > 0 || this.#marks.length > 0) throw this.malformed('its pickle ends within a value')
    return { value, end: this.#position }
  }

  malformed(problem: string): CheckpointError {
    return malformedTorch(this.fileName, problem)
  }

  // ── bytes ─────────────────────────────────────────────────────────────────────────────────────────────────────────

  /** The next bytes: a view, not a copy. */
  take(length: number): Uint8Array {
    const at = this.#advance(length)
    return this.bytes.subarray(at, at + length)
  }

  uint8(): number {
    return this.#view.getUint8(this.#advance(1))
  }

  uint16(): number {
    return this.#view.getUint16(this.#advance(2), true)
  }

  uint32(): number {
    return this.#view.getUint32(this.#advance(4), true)
  }

  int32(): number {
    return this.#view.getInt32(this.#advance(4), true)
  }

  /** A length of 8 bytes; one beyond 2^53 is beyond the file too. */
  uint64(): number {
    return Number(this.#view.getBigUint64(this.#advance(8), true))
  }

  float64(): number {
    return this.#view.getFloat64(this.#advance(8), false)
  }

  #advance(length: number): number {
    const at = this.#position
    if (length > this.bytes.length - at) throw new BytesEnded()
    this.#position = at + length
    return at
  }

  line(): string {
    const end = this.bytes.subarray(0, this.#position + LONGEST_NAME).indexOf(0x0a, this.#position)
    if (end >= 0) {
      const line = this.text(end - this.#position)
      this.#position++
      return line
    }
    if (this.bytes.length - this.#position < LONGEST_NAME) throw new BytesEnded()
    throw this.malformed(`a name in its pickle is longer than ${LONGEST_NAME} bytes`)
  }

  text(length: number): string {
    const text = textOf(this.take(length))
    if (text === undefined) throw this.malformed('a text in its pickle is not UTF-8')
    return text
  }

  /** What Python 2 wrote as `str`: a text if it is one. */
  oldText(length: number): PickleValue {
    const bytes = this.take(length)
    return textOf(bytes) ?? bytes
  }

  /** A little-endian integer in two's complement. */
  integer(length: number): number | bigint {
    if (length > LONGEST_INTEGER) throw this.malformed(`its pickle has a number of ${length} bytes`)
    const bytes = this.take(length)
    let value = 0n
    for (let i = length - 1; i >= 0; i--) value = (value << 8n) | BigInt(bytes[i]!)
    if (length > 0) value = BigInt.asIntN(8 * length, value)
    const number = Number(value)
    return Number.isSafeInteger(number) ? number : value
  }

  // ── the stack ─────────────────────────────────────────────────────────────────────────────────────────────────────

  push(value: PickleValue): void {
    this.#stack.push(value)
  }

  /** Takes the topmost value above the last MARK. */
  pop(): PickleValue {
    const value = this.top()
    this.#stack.pop()
    return value
  }

  top(): PickleValue {
    const value = this.#stack.at(-1)
    if (value === undefined || this.#stack.length <= (this.#marks.at(-1) ?? 0)) {
      throw this.malformed('its pickle takes a value from an empty stack')
    }
    return value
  }

  mark(): void {
    this.#marks.push(this.#stack.length)
  }

  /** Takes everything above the last MARK. */
  popMark(): PickleValue[] {
    const mark = this.#marks.pop()
    if (mark === undefined) throw this.malformed('its pickle ends a sequence that it did not begin')
    return this.#stack.splice(mark)
  }

  tuple(size: number): void {
    const items = Array.from({ length: size }, () => this.pop()).reverse()
    this.push(new Tuple(items))
  }

  // ── containers, memo, objects ─────────────────────────────────────────────────────────────────────────────────────

  append(items: readonly PickleValue[]): void {
    const list = this.top()
    if (!Array.isArray(list)) throw this.malformed('its pickle appends to what is no list')
    for (const item of items) list.push(item)
  }

  setItems(items: readonly PickleValue[]): void {
    const dict = this.top()
    if (!(dict instanceof Dict)) throw this.malformed('its pickle sets items of what is no dictionary')
    if (items.length % 2 !== 0) throw this.malformed('its pickle sets a key without a value')
    for (const item of items) dict.entries.push(item)
  }

  get(index: number): void {
    const value = this.memo.get(index)
    if (value === undefined) throw this.malformed(`its pickle repeats value ${index}, which it has not stored`)
    this.push(value)
  }

  find(module: PickleValue, name: PickleValue): void {
    if (typeof module !== 'string' || typeof name !== 'string') {
      throw this.malformed('its pickle asks for something whose name is no text')
    }
    this.push(this.world.find(`${module}.${name}`))
  }

  /** A call of the value below the arguments; a class given arguments is called just like a function. */
  call(): void {
    const args = this.pop()
    if (!(args instanceof Tuple)) throw this.malformed('its pickle calls with what are no arguments')
    this.push(this.world.call(this.pop(), args.items))
  }

  callWithKeywords(): void {
    const keywords = this.pop()
    if (!(keywords instanceof Dict) || keywords.entries.length > 0) {
      throw this.malformed('its pickle makes an object with arguments that weights do not use')
    }
    this.call()
  }

  /** Attributes of an object. A state dict has some (`_metadata`), which say nothing of the weights. */
  build(): void {
    this.pop()
    const target = this.top()
    if (target instanceof Dict) return
    const name = target instanceof PickleObject ? target.name : 'plain data'
    throw unsafe(this.fileName, `a new state of ${name}`)
  }

  refuseInstance(): never {
    throw unsafe(this.fileName, `${this.line()}.${this.line()}`)
  }
}

function textOf(bytes: Uint8Array): string | undefined {
  try {
    return utf8.decode(bytes)
  } catch {
    return undefined
  }
}

const STOP = 0x2e

/** What each instruction does, by its name in Python's pickle module. */
const OPERATIONS: ReadonlyMap<number, (machine: Machine) => void> = new Map([
  /* PROTO */ [
    0x80,
    (m) => {
      const version = m.uint8()
      if (version < 2 || version > 5) throw m.malformed(`its pickle is of version ${version}`)
    },
  ],
  /* FRAME */ [0x95, (m) => void m.uint64()],
  /* MARK */ [0x28, (m) => m.mark()],

  /* NONE */ [0x4e, (m) => m.push(null)],
  /* NEWTRUE */ [0x88, (m) => m.push(true)],
  /* NEWFALSE */ [0x89, (m) => m.push(false)],
  /* BININT1 */ [0x4b, (m) => m.push(m.uint8())],
  /* BININT2 */ [0x4d, (m) => m.push(m.uint16())],
  /* BININT */ [0x4a, (m) => m.push(m.int32())],
  /* LONG1 */ [0x8a, (m) => m.push(m.integer(m.uint8()))],
  /* LONG4 */ [0x8b, (m) => m.push(m.integer(m.uint32()))],
  /* BINFLOAT */ [0x47, (m) => m.push(m.float64())],
  /* SHORT_BINUNICODE */ [0x8c, (m) => m.push(m.text(m.uint8()))],
  /* BINUNICODE */ [0x58, (m) => m.push(m.text(m.uint32()))],
  /* BINUNICODE8 */ [0x8d, (m) => m.push(m.text(m.uint64()))],
  /* SHORT_BINSTRING */ [0x55, (m) => m.push(m.oldText(m.uint8()))],
  /* BINSTRING */ [0x54, (m) => m.push(m.oldText(m.uint32()))],
  /* SHORT_BINBYTES */ [0x43, (m) => m.push(m.take(m.uint8()))],
  /* BINBYTES */ [0x42, (m) => m.push(m.take(m.uint32()))],
  /* BINBYTES8 */ [0x8e, (m) => m.push(m.take(m.uint64()))],
  /* BYTEARRAY8 */ [0x96, (m) => m.push(m.take(m.uint64()))],

  /* EMPTY_TUPLE */ [0x29, (m) => m.push(new Tuple([]))],
  /* TUPLE1 */ [0x85, (m) => m.tuple(1)],
  /* TUPLE2 */ [0x86, (m) => m.tuple(2)],
  /* TUPLE3 */ [0x87, (m) => m.tuple(3)],
  /* TUPLE */ [0x74, (m) => m.push(new Tuple(m.popMark()))],
  /* EMPTY_LIST */ [0x5d, (m) => m.push([])],
  /* APPEND */ [0x61, (m) => m.append([m.pop()])],
  /* APPENDS */ [0x65, (m) => m.append(m.popMark())],
  /* EMPTY_SET */ [0x8f, (m) => m.push([])],
  /* ADDITEMS */ [0x90, (m) => m.append(m.popMark())],
  /* FROZENSET */ [0x91, (m) => m.push(m.popMark())],
  /* EMPTY_DICT */ [0x7d, (m) => m.push(new Dict())],
  /* SETITEM */ [
    0x73,
    (m) => {
      const value = m.pop()
      m.setItems([m.pop(), value])
    },
  ],
  /* SETITEMS */ [0x75, (m) => m.setItems(m.popMark())],

  /* BINPUT */ [0x71, (m) => void m.memo.set(m.uint8(), m.top())],
  /* LONG_BINPUT */ [0x72, (m) => void m.memo.set(m.uint32(), m.top())],
  /* MEMOIZE */ [0x94, (m) => void m.memo.set(m.memo.size, m.top())],
  /* BINGET */ [0x68, (m) => m.get(m.uint8())],
  /* LONG_BINGET */ [0x6a, (m) => m.get(m.uint32())],

  /* GLOBAL */ [0x63, (m) => m.find(m.line(), m.line())],
  /* STACK_GLOBAL */ [
    0x93,
    (m) => {
      const name = m.pop()
      m.find(m.pop(), name)
    },
  ],
  /* REDUCE */ [0x52, (m) => m.call()],
  /* NEWOBJ */ [0x81, (m) => m.call()],
  /* NEWOBJ_EX */ [0x92, (m) => m.callWithKeywords()],
  /* BUILD */ [0x62, (m) => m.build()],
  /* INST */ [0x69, (m) => m.refuseInstance()],
  /* BINPERSID */ [0x51, (m) => m.push(m.world.load(m.pop()))],
])
