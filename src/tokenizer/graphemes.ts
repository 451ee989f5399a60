// Extended grapheme clusters (Unicode Standard Annex 29): what a reader takes for one character. The engine's own
// segmenter follows whichever Unicode it was built with; these tables hold what the reference library does (Unicode 17),
// found by asking it about each code point.
import { decodeRuns } from './unicode.js'

const EXTEND =
  'lc-33 7o-6 7c-18 2 2-1 2-1 2 21-a 1d-k h 2u-6 3-5 3-1 2-3 10 v-q 2k-a 1n-8 a p-3 2-8 2-2 2-4 18-2 1o-8 17-n ' +
  '2-v 1k 2 5-7 5 4-6 b-1 u 1n 2 3-3 9 a b-1 r 3-1 1m 5-1 5-1 3-2 4 v-1 4 c-1 1m 5-4 2-1 5 l-1 n-5 2 1n 2-1 ' +
  '2-3 9 8-2 b-1 v 1o 2 d a 15 4 1k 2-2 6-2 2-3 8-1 c-1 u 1n 3-1 2 4-2 2-3 8-1 c-1 t-1 1m-1 2 3-3 9 a b-1 u 21 ' +
  '5 3-2 2 9 2a 3-6 d-7 2r 3-8 c-6 22-1 s 2 2 1k-d 2-4 2-1 6-a 2-z a 2v-3 2-5 2-1 3-1 q-1 5-2 h-3 e 3-1 7 g ' +
  'jk-2 qb-3 t-2 u-1 v-1 1t-1 2-6 9 3-a a 1a-2 2 3a-1 z 3b-2 5-1 a 7-2 64-1 3 1n 2-6 2 2 3-7 7-9 3 1d-19 3-b ' +
  'l-3 1d-9 5-2 13-8 d-1 x-3 3-5 1l 2-1 4 2-4 1l-7 3-1 49-2 2-c 2-6 5 7 4-1 5j-1r el 5g-w 2db-2 3y 2p-v ff-5 ' +
  '2y-1 n9x-3 2-9 x-1 29-1 7l 4 5 q-1 6 48-1 r-h e 13-7 q-a 2 19-2 1d 3-3 3-1 3 11 1w-5 3-1 3-1 d 9 1c 1g 2-2 ' +
  '3-1 6-1 2 17-1 9 6n 3 5 fn5 ki-f h-f a7-1 gu 6b 46-4 1af-2 2-1 6-3 15-2 5 4m-1 fy-3 1u-4 8u-1 26-5 1z-a ' +
  '1e-3 3g 1j-e 16 3-1 b-2 1e-3 3-1 8 1q-2 11-4 2-7 1r d-1 1h-8 2 9-3 3 2o-2 3-3 7 3 4e 4-7 m-1 1m-1 2 2 d a ' +
  'f-6 4-4 1w 3-5 2 3 2-2 5-2 2 f-1 2e-7 3-2 2 o 2a 3-5 2 3 2-1 2-1 6k 3-3 7-1 2-1 s-1 2e-7 3 2-1 2z 2 3-7 2u ' +
  '2 3-3 2-4 78-8 2-1 6u b-3 5 41-3 3-1 5 x-9 15-5 3-3 9 a-5 3-2 1b-c 2-1 5j 2-2 2 5m-6 2-5 2 2b-l 3-6 2-1 2-1 ' +
  '3f-5 4 2-1 2-6 2 21-1 4 2 9o-1 c-1 1h-4 6-2 o 44m 7-e 8uh-b 4-2 1xd-4 1o-6 t5 1s-3 2a c-1 f58-1 3mq-19 3-m ' +
  'f3-4 4-5 9-7 3-6 v-3 45-2 1j0-1i 5-1d 9 f n-4 2-e 11t-6 2-g 3-6 2-1 2-4 2t 4h-6 ag 1q-3 e5-3 73-1 6s 3 8-1 ' +
  '6 d7-6 32-6 241-4 gx7l-2n 3l-6n'

const SPACING =
  '1s3 1k 3-2 9-3 2-1 1f-1 1o-1 7-1 3-1 1j 1n-2 1v 1n-2 9 2-1 1i-1 1p 7-1 3-1 37 2-1 4-2 2-2 1h-2 1q-3 1q-1 1n ' +
  '3 2-1 1b f-1 1o-1 6-2 2-2 1i-1 25-1 7-6 k-1 1s 3k 3v-1 1s 4y a-1 q-1 19 1f6 8-7 2-1 9n-3 3-2 5-1 2-5 69-1 ' +
  '1n 2 m-5 42 1m-3 1t v 5-1 1s 3-2 2 1i-7 9-1 4s m rho-1 3 2h-1 1f-f 3z 1d 1d-1 5-1 3-1 34-1 3-1 p 4e 3-1 6 ' +
  '6m-1 2-1 2-1 2 jro 2 3k 1a-2 5-1 38 p-1 1o 1d-2 a f 2m-2 4-1 4t-2 w-1 1o 2-3 3-1 3-1 m-1 2e-1 g 2-1 2w-2 ' +
  '9-1 4 30-1 7 2-1 2 3 6n-1 7-3 3 36-2 9-1 2 32 2-1 33 8 7a-2 a 6x-4 2-1 8 2 3z-2 9-3 5 2d u-1 1r 5m 4 2 5k f ' +
  '2z 8 3 5y-4 5-1 2 9r-1 d 1d-1 9-1 d0r-2 2sl-1i'

const PREPEND = '16o-5 60 1e ap-1 29 vg 1f8v g 6t-1 em 12m 2 8z-5 jh cc'

const CONTROL = '0-v 2o-w e 12n 3jm 1kt 3-1 p-6 1e-f 17yo 6p-b ab9-f qxt-3 440-7 h406-v 2p-3j 6p-2rz'

const PICTOGRAPHIC =
  '4p 5 68e d 61 n 2j-5 g-1 a8-1 d 4n q-a 5-2 5k 6g-1 b a 1n-3 2-4 a 3 3-1 3 5 3 2-1 3 4 4-1 9-2 6 2 6-b c-1 3 ' +
  '2-1 2 j 3-1 j-5 2 2-1 4-1 6 3-1 5-1 c-1 6-1 3 6-1 2 2-1 l-1 6-5 2-3 3 5 3 3-5 2 3 2 2 7 4 7 b-1 g 3 5 2 5-2 ' +
  '2 c-1 1d-2 a f f ad-1 cw-2 k-1 1g 5 yj d gq 2 2fzf 14-3 2t-b g-1 g f-1 12-9 35-1 d-1 f 3-9 k-1j s-e b l 3-8 ' +
  '2-3 a-m 7-57 3-33 3-1 2-2 3-2a 3-2 2-3 6-71 2-1q c-5 2-n 8-1 3-7 d 3-3 3 5-1 e-1 3 9-1 a 6-2 d-2 9-2 3 2 5 ' +
  '7 4 7-2d 1d-1x 6-7 3-g 4 2-5 3-c 63-11 d-3 1l-7 b-5 15-7 v-1 d-3 3-d a-12 d-1a 2-9 2-54 2h-7 f-41 75-sd'

const CONSONANT =
  '1sl-10 v-7 p-7 m-j 2-6 2 4-3 z-1 2 h-1 4k-j 2-6 2-1 2-4 1s s-j 2-6 2-1 2-4 z-1 2 i 4k-j 2-f v-2 57-11 jq-16 ' +
  'l h-5 5-3 4 4-1 8-2 5-c d 1de-1f h9-1g 53-1 7-w i-7 1j-t e-1 c-2 s0c-2 4-z 1a-4 3-8 b-4 2q-f 2-2 7 4-1 2p-a ' +
  '5y-q ili g-3 2-2 2-s 1ce-z u 3 ft-9 2 3 2-11 11n-6 3 3-7 2-1 2-n 5t b-13 u c-13 w1-c 2-x'

const LINKER = '1u5 3k 74 3k 74 74 ks 1i1 i6 6c 2v s2d 8m itl 1dg il 12m 7d 2a x5'

const OTHER = 1
const CARRIAGE_RETURN = 2
const LINE_FEED = 3
const CONTROL_CHARACTER = 4
const EXTENDING = 5
const JOINER = 6
const NON_JOINER = 7
const SPACING_MARK = 8
const PREPENDED = 9
const REGIONAL = 10
const PICTOGRAM = 11
const INDIC_CONSONANT = 12
const INDIC_LINKER = 13
const HANGUL_L = 14
const HANGUL_V = 15
const HANGUL_T = 16
const HANGUL_LV = 17
const HANGUL_LVT = 18

const TABLES = [
  [EXTENDING, decodeRuns(EXTEND)],
  [SPACING_MARK, decodeRuns(SPACING)],
  [PREPENDED, decodeRuns(PREPEND)],
  [CONTROL_CHARACTER, decodeRuns(CONTROL)],
  [PICTOGRAM, decodeRuns(PICTOGRAPHIC)],
  [INDIC_CONSONANT, decodeRuns(CONSONANT)],
] as const
const linkers = decodeRuns(LINKER)
const HANGUL = [
  [HANGUL_L, 0x1100, 0x115f],
  [HANGUL_L, 0xa960, 0xa97c],
  [HANGUL_V, 0x1160, 0x11a7],
  [HANGUL_V, 0xd7b0, 0xd7c6],
  [HANGUL_V, 0x16d63, 0x16d63], // Kirat Rai behaves like Hangul
  [HANGUL_V, 0x16d67, 0x16d6a],
  [HANGUL_T, 0x11a8, 0x11ff],
  [HANGUL_T, 0xd7cb, 0xd7fb],
] as const

/** The class of each character of the basic plane, filled as characters turn up. */
const classes = new Uint8Array(0x10000)

function classOf(code: number): number {
  if (code > 0xffff) return classify(code)
  const known = classes[code]!
  if (known > 0) return known
  const found = classify(code)
  classes[code] = found
  return found
}

function classify(code: number): number {
  if (code === 0x0d) return CARRIAGE_RETURN
  if (code === 0x0a) return LINE_FEED
  if (code >= 0x20 && code < 0x7f) return OTHER
  if (code === 0x200c) return NON_JOINER
  if (code === 0x200d) return JOINER
  if (code >= 0xac00 && code <= 0xd7a3) return (code - 0xac00) % 28 === 0 ? HANGUL_LV : HANGUL_LVT
  if (code >= 0x1f1e6 && code <= 0x1f1ff) return REGIONAL
  if (linkers.has(code)) return INDIC_LINKER
  for (const [found, table] of TABLES) if (table.has(code)) return found
  for (const [found, low, high] of HANGUL) if (code >= low && code <= high) return found
  return OTHER
}

/**
 * Whether the character is a cluster by itself between any two of its kind, so that text may be cut on either side.
 *
 * @example
 * standsApart(0x61) // true
 * standsApart(0x301) // false: an accent joins the letter before it
 */
export function standsApart(code: number): boolean {
  return classOf(code) === OTHER
}

/** Whether the character ends nothing and joins nothing but what stands before it, as accents do. */
export function joinsBefore(code: number): boolean {
  const found = classOf(code)
  return found === EXTENDING || found === SPACING_MARK
}

/** Where the cluster that begins at `start` ends, within `codes[start, end)`. */
export function clusterEnd(codes: Int32Array, start: number, end: number): number {
  let before = classOf(codes[start]!)
  let regionals = before === REGIONAL ? 1 : 0
  // An emoji sequence so far: 1 after the pictogram and what extends it, 2 after the joiner that follows.
  let emoji = before === PICTOGRAM ? 1 : 0
  // An Indic conjunct so far: 1 after a consonant, 2 once a linker (virama) has followed it.
  let conjunct = before === INDIC_CONSONANT ? 1 : 0
  let at = start + 1
  for (; at < end; at++) {
    const next = classOf(codes[at]!)
    if (
      !joins(before, next) &&
      !(next === PICTOGRAM && emoji === 2) &&
      !(next === INDIC_CONSONANT && conjunct === 2) &&
      !(next === REGIONAL && regionals % 2 === 1)
    ) {
      break
    }
    const extends_ = next === EXTENDING || next === NON_JOINER || next === INDIC_LINKER
    if (next === PICTOGRAM) emoji = 1
    else if (next === JOINER) emoji = emoji === 1 ? 2 : 0
    else if (!extends_ || emoji === 2) emoji = 0
    if (next === INDIC_CONSONANT) conjunct = 1
    else if (next === INDIC_LINKER) conjunct = conjunct > 0 ? 2 : 0
    else if (next !== EXTENDING && next !== JOINER) conjunct = 0
    regionals = next === REGIONAL ? regionals + 1 : 0
    before = next
  }
  return at
}

/** Whether two neighbours belong together whatever else there is. */
function joins(before: number, after: number): boolean {
  if (before === CARRIAGE_RETURN) return after === LINE_FEED
  if (before === LINE_FEED || before === CONTROL_CHARACTER) return false
  switch (after) {
    case CARRIAGE_RETURN:
    case LINE_FEED:
    case CONTROL_CHARACTER:
      return false
    case EXTENDING:
    case JOINER:
    case NON_JOINER:
    case SPACING_MARK:
    case INDIC_LINKER:
      return true
    case HANGUL_V:
      if (before === HANGUL_L || before === HANGUL_V || before === HANGUL_LV) return true
      break
    case HANGUL_T:
      if (before >= HANGUL_V) return true
      break
    case HANGUL_L:
    case HANGUL_LV:
    case HANGUL_LVT:
      if (before === HANGUL_L) return true
  }
  return before === PREPENDED
}
