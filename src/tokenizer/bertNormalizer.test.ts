import { describe, expect, it } from 'vitest'
import { BertNormalizer, type BertNormalizerOptions } from './bertNormalizer.js'
import { TextBuffer } from './textBuffer.js'

const plain = { cleanText: true, handleChineseChars: true, stripAccents: null, lowercase: true }

function normalize(text: string, options: Partial<BertNormalizerOptions> = {}): { text: string; from: number[] } {
  const out = new TextBuffer()
  out.reset(true, 0)
  new BertNormalizer({ ...plain, ...options }).normalize(text, 0, text.length, out)
  return { text: out.slice(), from: [...out.from.subarray(0, out.length)] }
}

describe('BertNormalizer', () => {
  it('cleans, sets ideographs apart, strips accents and lower-cases', () => {
    expect(normalize('Ünï\u00a0cödé\0\ufffd\u200b 漢字x\tÅ İ').text).toBe('uni code  漢  字 x a i')
  })

  it('keeps accents and case if asked', () => {
    expect(normalize('É漢', { lowercase: false, handleChineseChars: false }).text).toBe('É漢')
    expect(normalize('ÉΣ', { stripAccents: false }).text).toBe('éσ')
    expect(normalize('É', { stripAccents: true, lowercase: false }).text).toBe('E')
  })

  it('says where each unit came from', () => {
    expect(normalize('é\u0301한')).toEqual({ text: `e${'한'.normalize('NFD')}`, from: [0, 2, 2, 2] })
  })

  it('orders marks that stay, however many there are', () => {
    expect(normalize('x\u302a\u302e\u0301').text).toBe('x\u302e')
    expect(normalize(`x${'\u{1d165}\u302e'.repeat(3000)}y`).text.length).toBe(2 + 9000)
  })
})
