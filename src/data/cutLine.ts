// Where to cut a line that is too long to be handled in one piece.

const SENTENCE_END = /[.!?…]["'”’»)\]]*\s+|[。！？]/gu
const SPACE = /\s+/gu

/**
 * Where to cut `text`, in UTF-16 units from its start: after its last sentence end, or else after its last space, if
 * one lies in its second half; otherwise at its very end (a text without spaces).
 *
 * The answer depends on nothing but `text`, so cutting a long line from any piece's start gives the same later pieces.
 *
 * @example
 * cutLine('It rained all day. The ro')   // 19, after the full stop and its space
 */
export function cutLine(text: string): number {
  return lastMatchEnd(text, SENTENCE_END) ?? lastMatchEnd(text, SPACE) ?? text.length
}

function lastMatchEnd(text: string, pattern: RegExp): number | undefined {
  let end: number | undefined
  const middle = Math.floor(text.length / 2)
  for (const match of text.slice(middle).matchAll(pattern)) {
    end = middle + match.index + match[0].length
  }
  return end
}
