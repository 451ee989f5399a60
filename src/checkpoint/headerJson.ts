// Checks of JSON text that JSON.parse does not make: repeated keys, of which it silently keeps the last, and nesting
// deep enough to be an attack.

/**
 * What is wrong with JSON text beyond its syntax, or `undefined`. The syntax itself is JSON.parse's to check.
 *
 * @param text JSON text, or anything else
 * @param maxDepth how deep objects and arrays may be nested
 * @example
 * jsonProblem('{"a": 1, "a": 2}', 3) // 'the key "a" occurs twice'
 */
export function jsonProblem(text: string, maxDepth: number): string | undefined {
  // The keys of each open object; undefined for an open array.
  const open: (Set<string> | undefined)[] = []
  for (let i = 0; i < text.length; i++) {
    const character = text[i]
    if (character === '{' || character === '[') {
      if (open.length === maxDepth) return `it is nested more than ${maxDepth} deep`
      open.push(character === '{' ? new Set() : undefined)
    } else if (character === '}' || character === ']') {
      open.pop()
    } else if (character === '"') {
      const start = i
      for (i++; i < text.length && text[i] !== '"'; i++) if (text[i] === '\\') i++
      if (!colonFollows(text, i + 1)) continue
      const key = unquote(text.slice(start, i + 1))
      const keys = open.at(-1)
      if (keys?.has(key)) return `the key ${JSON.stringify(key)} occurs twice`
      keys?.add(key)
    }
  }
  return undefined
}

function colonFollows(text: string, from: number): boolean {
  let i = from
  while (text[i] === ' ' || text[i] === '\n' || text[i] === '\r' || text[i] === '\t') i++
  return text[i] === ':'
}

function unquote(literal: string): string {
  if (!literal.includes('\\')) return literal.slice(1, -1)
  try {
    return String(JSON.parse(literal))
  } catch {
    return literal
  }
}
