import { byteLevelPreTokenizer } from 'tokenizers'
import { describe, expect, it } from 'vitest'
import { type ByteLevelOptions, ByteLevelPreTokenizer } from './byteLevelPreTokenizer.js'
import { TextBuffer } from './textBuffer.js'

/** The words' spellings, or their places in the text. */
function split(text: string, settings: Partial<ByteLevelOptions> = {}, places = false): (string | number[])[] {
  const buffer = new TextBuffer()
  buffer.reset(places, text.length)
  for (let i = 0; i < text.length; i++) buffer.push(text.charCodeAt(i), i, i + 1)
  const words: (string | number[])[] = []
  const options = { addPrefixSpace: false, trimOffsets: true, useRegex: true, ...settings }
  new ByteLevelPreTokenizer(options).split(buffer, 0, text.length, (start, end) => {
    words.push(places ? [buffer.from[start]!, buffer.to[end - 1]!] : buffer.slice(start, end))
  })
  return words
}

describe('the byte-level pre-tokenizer', () => {
  it.each([
    ["It's  a   test\n\n of's 'll 123abc é", "It|'s|Ġ|Ġa|ĠĠ|Ġtest|ĊĊ|Ġof|'s|Ġ'|ll|Ġ123|abc|ĠÃ©"],
    ["he'd HE'D 'reve ''ve've", "he|'d|ĠHE|'|D|Ġ'|reve|Ġ''|ve|'ve"],
    ["'", "'"],
    ["x'l x'r", "x|'|l|Ġx|'|r"],
    ['a \t b\t', 'a|Ġĉ|Ġb|ĉ'],
    ['a\u00a0b\u3000\u3000c', 'a|Âł|b|ãĢĢ|ãĢĢ|c'],
    ['x½², ٣', 'x|Â½Â²|,|ĠÙ£'],
    ['\ud800a😀\udc00', 'ï¿½|a|ðŁĺĢï¿½'],
    ['', ''],
  ])('cuts %j', (text, expected) => {
    expect(split(text).join('|')).toBe(expected)
  })

  it('takes all as one word, and puts a space before, if asked', () => {
    expect(split("it's  2", { useRegex: false })).toEqual(["it'sĠĠ2"])
    expect(split("'s", { addPrefixSpace: true })).toEqual(["Ġ'", 's'])
    expect(split(' x', { addPrefixSpace: true })).toEqual(['Ġx'])
    expect(split('\nx', { addPrefixSpace: true })).toEqual(['Ġ', 'Ċ', 'x'])
    expect(split('', { addPrefixSpace: true })).toEqual([])
    // The space stands where the first character stands.
    expect(split('😀 b', { addPrefixSpace: true }, true)).toEqual([
      [0, 2],
      [2, 4],
    ]) // prettier-ignore
  })

  // The reference's Unicode is not the engine's; BERTKIN_FUZZ looks at every code point and not only at some.
  it('knows letters, numbers and white space as the reference does', { timeout: 600_000 }, () => {
    const step = process.env.BERTKIN_FUZZ === undefined ? 61 : 1
    const reference = byteLevelPreTokenizer(false)
    let text = ''
    for (let codePoint = 0; codePoint < 0x110000; codePoint += codePoint < 0x3000 ? 1 : step) {
      if (codePoint >= 0xd800 && codePoint < 0xe000) continue
      const character = String.fromCodePoint(codePoint)
      text += `a${character}1${character}!${character} `
      if (text.length < 1 << 16) continue
      expect(split(text)).toEqual(reference.preTokenizeString(text).map(([word]) => word))
      text = ''
    }
    expect(split(text)).toEqual(reference.preTokenizeString(text).map(([word]) => word))
  })
})
