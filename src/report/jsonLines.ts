// The files that a run appends to, a JSON object a line. The last line may be torn, if the process died in it.

/**
 * The objects of a text of JSON lines; what is no object is passed over.
 *
 * @example
 * jsonLines('{"step": 1}\n{"step": 2}\n{"ste').length // 2
 */
export function jsonLines(text: string): Record<string, unknown>[] {
  return text.split('\n').flatMap((line) => {
    try {
      const value: unknown = JSON.parse(line)
      return typeof value === 'object' && value !== null && !Array.isArray(value)
        ? [value as Record<string, unknown>]
        : []
    } catch {
      return []
    }
  })
}
