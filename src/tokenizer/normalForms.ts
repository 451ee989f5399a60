// Unicode normalisation (NFD, NFC, NFKD, NFKC) as the reference library does it: by Unicode 9, whichever Unicode the
// engine was built with, and keeping account of which character came from which.
//
// What a character decomposes to never changes once it is assigned, so the engine is asked for that; the table only says
// which characters Unicode 9 knew to decompose. It was found by asking the reference about each code point.
import type { AlignedText } from './alignedText.js'
import { decodeRuns, reordered } from './unicode.js'

const DECOMPOSED =
  '4g 8 2 5 3-3 3-2 2-2 2-5 2-8 2-5 3-4 3-5 2-8 2-5 3-4 2-g 3-j 3-8 2-5 2-7 3-6 3-5 3-h 3-n x-1 e-1 k-o 2-5 ' +
  '3-f 3-z 3-1 7-d 3h-8 w-5 3-4 2k-1 2-1 1c 6 4 6-6 2 2-2 q-6 q-4 2-6 q-2 2-1 4 7-1 2 4 5-2 b w n-1 2 4 5-2 ' +
  'o-1 22-1 e-3 3-1 3-5 3-5 3-b 3-1 3y 4b-4 27-3 20 2 h gm 8 3 10-7 30-1 g-1 2 2c 3 z-2 3 6i 3-1 g-1 1j 1i-2 ' +
  '3g 3c 7-1 2-1 3j-2 3y 2-2 2d 3k 15-1 1b 1j a 5 5 5 d a 2-4 8 i a 5 5 5 d 31 5y 1ze 2 2 2 2 4 15 2 3-1 2 ' +
  'dl-2 2-a 2-h 2-r e z-10 1t-4b 5-2h 7-l 3-5 3-11 3-5 3-7 2 2 2 2-u 3-1g 2-e 2-d 3-5 2-i 3-2 2-8 2-a 7 6 d-2 ' +
  '9 4-1 2-1 5 2 9-2 e 8 h-1 3-q 2-c c 2g-3 2-2 2-a 2-1 3-4 3-2 2 2 2 2-3 2-2 2-6 2-5 5-4 7-1b a h-1 j v-2 1h ' +
  '5 3 o 2 6-1 2-1 h 3 3 2 n 2 b-4 3-1 3-1 7-1 3-1 3-1 z-3 1d-3 7-3 1o-1 8m-3u 10i 2w-2 2u bk-1 6q 8g 2c d-5x ' +
  '17 1i 2-2 i 2 2 2 2 2 2 2 2 2 2 2 3 2 2 7-1 2-1 2-1 2-1 2-1 n 7-1 2-1 d 2 2 2 2 2 2 2 2 2 2 2 3 2 2 7-1 2-1 ' +
  '2-1 2-1 2-1 n 3-3 4-1 1e-2l 4-d 2p-u 2-13 9-1a 2-3i 2-73 mn1-1 5v 3s-1 o3-3 4h-8mb 6l9-7h 3 2 3-9 2 2 3-1 ' +
  '4-1v 3-2x 13-6 d-4 6 2-n 2-4 2 2-1 2-1 2-2z y-a2 j-1r 3-1h 15-c k-9 n-k 3-b 2-i 2-3 5-2 2 2-3q 5-59 4-5 3-5 ' +
  '3-5 3-2 4-6 2-6 3ak 2 f 3n-1 f0-1 a7-1 2 70-1 112b-6 2f-5 g0-2c 2-1y 2-1 3 3-1 3-3 2-b 2 2-6 2-1s 2-3 3-7 ' +
  '2-6 2-r 2-3 2-4 2 4-6 2-9f 3-83 3-1d 4ch-3 2-q 2-1 2 3 2-9 2-3 2 2 7 5 2 2 2-2 2-1 2 3 2 2 2 2 2-1 2 3-3 ' +
  '2-6 2-3 2-3 2 2-9 2-g 6-2 2-4 2-g g5-a 6-u 2-v r-1 11 34-2 e-17 5-8 8-1 1fov-f1'

const MARK =
  'lc-33 7o-6 7c-18 2 2-1 2-1 2 21-a 1d-k h 2u-6 3-5 3-1 2-3 10 v-q 2k-a 1n-8 z-3 2-8 2-2 2-4 18-2 3d-d 2-w ' +
  '1j-2 2-h 2-6 b-1 u-2 1l 2-6 3-1 3-2 a b-1 u-2 1l 2-4 5-1 3-2 4 v-1 4 c-2 1l 2-7 2-2 2-2 l-1 u-2 1l 2-6 3-1 ' +
  '3-2 9-1 b-1 v 1o-4 4-2 2-3 a 15-3 1n-6 2-2 2-3 8-1 c-1 u-2 1l 2-6 2-2 2-3 8-1 c-1 u-2 1n-6 2-2 2-3 a b-1 ' +
  'v-1 1z 5-5 2 2-7 j-1 1q 3-6 d-7 2r 3-5 2-1 c-5 23-1 s 2 2 5-1 1e-j 2-1 6-a 2-z a 2t-j o-3 5-2 2-2 3-6 4-3 ' +
  'e-b 2 b-3 jk-2 qb-2 u-2 u-1 v-1 1t-v a 1a-2 3c-1 z 3b-b 5-b 64-4 1m-9 2-s 3 1d-e 1u-4 1c-g 13-8 d-2 v-c ' +
  '1l-d 1d-j 49-2 2-k 5 5-2 4-1 5j-1h 6-4 k1-w 2db-2 3y 2p-v ff-5 2y-1 n9x-3 2-9 x-1 29-1 7l 4 5 o-4 2h-1 1f-h ' +
  'r-h 1h-7 q-c 19-3 1c-d 11 1w-d d 9-1 1a-2 1f 2-2 3-1 6-1 2 16-4 6-1 6l-7 2-1 fn5 ki-f h-f r2 6b 46-4 1af-2 ' +
  '2-1 6-3 15-2 5 4m-1 10a-2 1i-e 1l-3 1a-a 1y-2 11-d 1r d-2 1d-d a-2 2o-b 7 4h-b m-3 1l 2-6 3-1 3-2 a b-1 3-6 ' +
  '4-4 5d-h 2y-j 6k-6 3-8 s-1 2b-g 2z-c 2u-e zo-7 2-7 2b-l 2-d fga-4 1o-6 t7-19 h-3 f7v-1 43r-4 4-5 9-7 3-6 ' +
  'v-3 45-2 1j0-1i 5-1d 9 f n-4 2-e 11t-6 2-g 3-6 2-1 2-4 1pi-6 32-6 gzhy-6n'

const decomposed = decodeRuns(DECOMPOSED)
const marks = decodeRuns(MARK)

const SPLITS = 1
const IS_MARK = 2
const MOVES = 4
/** Facts about characters, each looked up once. */
const facts = new Map<number, number>()

function factsOf(code: number): number {
  let found = facts.get(code)
  if (found === undefined) {
    found = (decomposed.has(code) ? SPLITS : 0) | (marks.has(code) ? IS_MARK : 0) | (reordered.has(code) ? MOVES : 0)
    facts.set(code, found)
  }
  return found
}

/** Whether the character is a mark (categories Mn, Mc, Me), as "strip accents" understands it. */
export function isMark(code: number): boolean {
  return code >= 0x300 && (factsOf(code) & IS_MARK) !== 0
}

/** One character of each combining class but 0, in the order of the classes. */
const LADDER = String.fromCodePoint(
  ...[0x334, 0x93c, 0x3099, 0x94d, 0x5b0, 0x5b1, 0x5b2, 0x5b3, 0x5b4, 0x5b5, 0x5b6, 0x5b7, 0x5b8, 0x5b9, 0x5bb],
  ...[0x5bc, 0x5bd, 0x5bf, 0x5c1, 0x5c2, 0xfb1e, 0x64b, 0x64c, 0x64d, 0x618, 0x619, 0x61a, 0x651, 0x652, 0x670],
  ...[0x711, 0xc55, 0xc56, 0xe38, 0xe48, 0xeb8, 0xec8, 0xf71, 0xf72, 0xf74, 0x321, 0x1dce, 0x31b, 0x302a, 0x316],
  ...[0x59a, 0x302e, 0x1d16d, 0x5ae, 0x300, 0x315, 0x35c, 0x35d, 0x345],
)
const ladder = [...LADDER]
const ranks = new Map<number, number>()

/** A number that orders characters as their combining classes do; 0 for those that stay where they are. */
export function combiningRank(code: number): number {
  if (code < 0x300 || (factsOf(code) & MOVES) === 0) return 0
  let rank = ranks.get(code)
  if (rank === undefined) {
    const mark = String.fromCodePoint(code)
    // How many classes come before the mark's own: those whose characters change places when they stand after it.
    rank = 1 + ladder.filter((other) => (mark + other).normalize('NFD') !== mark + other).length
    ranks.set(code, rank)
  }
  return rank
}

export type NormalForm = 'NFD' | 'NFC' | 'NFKD' | 'NFKC'

const expansions = { NFD: new Map<number, Int32Array>(), NFKD: new Map<number, Int32Array>() }

/** What the character decomposes to; undefined if it stays whole. */
function expansionOf(code: number, form: 'NFD' | 'NFKD'): Int32Array | undefined {
  if (code < 0xa0 || (factsOf(code) & SPLITS) === 0) return undefined
  let expansion = expansions[form].get(code)
  if (expansion === undefined) {
    expansion = Int32Array.from(String.fromCodePoint(code).normalize(form), (part) => part.codePointAt(0) ?? 0)
    expansions[form].set(code, expansion)
  }
  return expansion
}

/** Writes the normal form of `text` as its next version. */
export function writeNormalForm(text: AlignedText, form: NormalForm): void {
  if (form === 'NFD' || form === 'NFKD') {
    const order = new CanonicalOrder((code, added) => (added ? text.add(code) : text.replace(code)))
    decompose(text, form, order)
  } else {
    const composer = new Composer(text)
    const order = new CanonicalOrder((code, added) => composer.take(code, added))
    decompose(text, form === 'NFC' ? 'NFD' : 'NFKD', order)
    composer.finish()
  }
}

function decompose(text: AlignedText, form: 'NFD' | 'NFKD', order: CanonicalOrder): void {
  for (let i = 0; i < text.length; i++) {
    const code = text.codes[i]!
    const expansion = expansionOf(code, form)
    if (expansion === undefined) order.take(code, false)
    else for (let part = 0; part < expansion.length; part++) order.take(expansion[part]!, part > 0)
  }
  order.settle()
}

/** Receives a character, and whether it is an addition to the one before rather than that one itself. */
type Emit = (code: number, added: boolean) => void

/** Puts each run of marks into canonical order; marks of one class keep theirs. */
class CanonicalOrder {
  private codes: number[] = []
  private added: boolean[] = []
  private sorted = true
  private lastRank = 0

  constructor(private readonly emit: Emit) {}

  take(code: number, added: boolean): void {
    const rank = combiningRank(code)
    if (rank === 0) {
      if (this.codes.length > 0) this.settle()
      this.emit(code, added)
      return
    }
    if (rank < this.lastRank) this.sorted = false
    this.lastRank = rank
    this.codes.push(code)
    this.added.push(added)
  }

  /** Emits the marks that have gathered. */
  settle(): void {
    const { codes, added, emit } = this
    if (this.sorted) for (let i = 0; i < codes.length; i++) emit(codes[i]!, added[i]!)
    else for (const i of orderByRank(codes)) emit(codes[i]!, added[i]!)
    this.codes = []
    this.added = []
    this.sorted = true
    this.lastRank = 0
  }
}

/** The indices of `codes` by rank. Counting, not comparing: a hostile text is one run of millions of marks. */
function orderByRank(codes: readonly number[]): Int32Array {
  const starts = new Int32Array(ladder.length + 3)
  for (const code of codes) starts[combiningRank(code) + 1]!++
  for (let rank = 1; rank < starts.length; rank++) starts[rank]! += starts[rank - 1]!
  const order = new Int32Array(codes.length)
  for (const [i, code] of codes.entries()) order[starts[combiningRank(code)]!++] = i
  return order
}

const compositions = new Map<number, number>()

/** The character that two make together; -1 if there is none, or none that Unicode 9 knew. */
function compose(first: number, second: number): number {
  if (second < 0x300) return -1
  const key = first * 0x110000 + second
  let found = compositions.get(key)
  if (found === undefined) {
    const pair = String.fromCodePoint(first, second)
    const together = pair.normalize('NFC')
    const code = together.codePointAt(0) ?? 0
    const whole = together.length === (code > 0xffff ? 2 : 1) && (factsOf(code) & SPLITS) !== 0
    found = whole && together.normalize('NFD') === pair.normalize('NFD') ? code : -1
    if (compositions.size > 1 << 16) compositions.clear()
    compositions.set(key, found)
  }
  return found
}

/** Canonical composition; what a character takes in vanishes, and so adds to the number that it stands for. */
class Composer {
  private base = -1
  /** 1 if the base is an addition, else 0 less the number of characters that vanished into it. */
  private baseChange = 0
  private lastRank = 0
  private codes: number[] = []
  private changes: number[] = []

  constructor(private readonly text: AlignedText) {}

  take(code: number, added: boolean): void {
    const rank = combiningRank(code)
    const change = added ? 1 : 0
    if (this.base < 0) {
      if (rank === 0) this.setBase(code, change)
      else this.write(code, change)
      return
    }
    // A mark of the same class or a higher one stands between the base and this character.
    const blocked = this.lastRank > 0 && this.lastRank >= rank
    const together = blocked ? -1 : compose(this.base, code)
    if (together >= 0) {
      this.base = together
      this.baseChange += change - 1
    } else if (rank === 0) {
      this.finish()
      this.setBase(code, change)
    } else {
      this.codes.push(code)
      this.changes.push(change)
      this.lastRank = rank
    }
  }

  /** Writes what is held back: the base and the marks after it. */
  finish(): void {
    if (this.base >= 0) this.write(this.base, this.baseChange)
    for (const [i, code] of this.codes.entries()) this.write(code, this.changes[i]!)
    this.base = -1
    this.lastRank = 0
    if (this.codes.length > 0) {
      this.codes = []
      this.changes = []
    }
  }

  private setBase(code: number, change: number): void {
    this.base = code
    this.baseChange = change
  }

  private write(code: number, change: number): void {
    if (change > 0) this.text.add(code)
    else {
      this.text.replace(code)
      this.text.drop(-change)
    }
  }
}
