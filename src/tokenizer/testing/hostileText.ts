// Random and hostile texts for comparing tokenizers, the same on every machine.

/** Numbers from 0 to `below` - 1: Mulberry32, enough for a fuzz. */
export type Random = (below: number) => number

export function randomNumbers(seed: number): Random {
  let state = seed
  return (below) => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return Math.floor((((t ^ (t >>> 14)) >>> 0) / 2 ** 32) * below)
  }
}

/** The first four are common. */
const RANGES: readonly (readonly [number, number])[] = [
  [0x20, 0x7e],
  [0x61, 0x7a],
  [0x30, 0x39],
  [0x20, 0x40],
  [0x00, 0x1f],
  [0x7f, 0x17f],
  [0x2b0, 0x36f], // modifier letters, combining marks
  [0x370, 0x4ff],
  [0x590, 0x6ff],
  [0x660, 0x669], // Arabic digits
  [0x900, 0xdff],
  [0x0f00, 0x0fff],
  [0x1ab0, 0x1aff],
  [0x1e00, 0x1fff],
  [0x2000, 0x206f], // spaces, joiners, direction marks
  [0x2070, 0x218b], // superscripts, Roman numerals
  [0x2460, 0x24ff], // numbers in circles
  [0x3000, 0x30ff],
  [0x3190, 0x33ff],
  [0x4e00, 0x4eff],
  [0xa000, 0xabff],
  [0xac00, 0xacff],
  [0xd800, 0xdfff], // halves of surrogate pairs
  [0xf900, 0xfaff],
  [0xfe00, 0xffff],
  [0x10000, 0x10fff],
  [0x11000, 0x11fff],
  [0x1d100, 0x1d1ff],
  [0x1d400, 0x1d7ff], // mathematical letters and digits
  [0x1f300, 0x1faff],
  [0x20000, 0x2ffff],
  [0xe0000, 0xe01ff],
  [0x0, 0x10ffff],
]

const SPACES = [
  ...' \t\n\v\f\r\x1c\x1f\x85\xa0\u1680\u180e\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a',
  ...'\u200b\u2028\u2029\u202f\u205f\u2060\u3000\ufeff',
]
const CONTRACTIONS = ['s', 't', 're', 've', 'm', 'll', 'd'].flatMap((end) => [
  `'${end}`,
  `'${end.toUpperCase()}`,
  `\u2019${end}`,
  ` '${end}`,
  `''${end}x`,
  `I'${end}`,
])
const PIECES: readonly string[] = [
  ...SPACES,
  ...CONTRACTIONS,
  '  ',
  '    ',
  ' '.repeat(33),
  '\r\n',
  " don't",
  'Hello',
  ' WORLD',
  'e\u0301',
  'İstanbul',
  'straße',
  '漢字',
  '한국어',
  'हिन्दी',
  'שָׁלוֹם',
  '👩‍👩‍👧‍👦',
  '🇫🇷',
  '👍🏽',
  '１２３',
  '½²Ⅷ',
  'a'.repeat(99),
  'b'.repeat(130),
  '-'.repeat(41),
  'Ġ',
  'ĊĠx',
  'â',
  '\ufffd',
  '\u0000',
  '\u{1d15e}',
]

/** A text of up to 120 parts: characters of one script after another, and pieces (`own` ones often). */
export function hostileText(random: Random, own: readonly string[]): string {
  let text = ''
  const length = random(12) === 0 ? 120 : random(24)
  for (let i = 0; i < length; i++) {
    const kind = random(8)
    if (kind === 0) text += own[random(own.length)] ?? ''
    else if (kind < 3) text += PIECES[random(PIECES.length)]!
    else {
      const [low, high] = RANGES[random(3) === 0 ? random(RANGES.length) : random(4)]!
      text += String.fromCodePoint(low + random(high - low + 1))
    }
  }
  return text
}

/** Offsets in UTF-16 units as offsets in code points, which is how the reference counts. */
export function toCodePoints(text: string, offsets: readonly (readonly number[])[]): number[][] {
  const index: number[] = []
  let points = 0
  for (const character of text) {
    for (let i = 0; i < character.length; i++) index.push(points)
    points++
  }
  index.push(points)
  return offsets.map((offset) => offset.map((at) => index[at] ?? -1))
}
