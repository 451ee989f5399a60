// Runs a sequence of normalizers. Most characters become the same whatever stands beside them: they are looked up. The
// rest of a text is cut out with its neighbours and goes through the steps one by one.
import { AlignedText } from './alignedText.js'
import { joinsBefore, standsApart } from './graphemes.js'
import type { Json } from './json.js'
import { combiningRank } from './normalForms.js'
import type { NormalizerStep } from './normalizerSteps.js'
import type { Normalizer } from './steps.js'
import type { TextBuffer } from './textBuffer.js'

// What is known of a UTF-16 unit, in one number: the unit it becomes, and these.
const KNOWN = 1 << 16
/** It becomes more than one unit. */
const LONGER = 1 << 17
/** It may change with what stands beside it. */
const DEPENDS = 1 << 18
/** Six bits, shared by the steps: two units that have one in common may change together. */
const JOINS = 0x3f << 19

/**
 * The normalizers of tokenizer.json that are made of steps: `Sequence`, or a single step.
 *
 * @example
 * const normalizer = new StepNormalizer([normalForm('NFKD'), stripAccents, lowercase], true)
 * const out = new TextBuffer()
 * normalizer.normalize('Élan', 0, 4, out)
 * out.slice() // 'elan'
 */
export class StepNormalizer implements Normalizer {
  private readonly text = new AlignedText()
  private readonly table = new Int32Array(0x10000)
  private readonly longer = new Map<number, string>()
  private readonly inPieces: boolean
  /** All the bits of the steps that join characters. */
  private readonly joining: number

  /** `sequence`: whether tokenizer.json holds the steps as a Sequence; if not, there is one. */
  constructor(
    readonly steps: readonly NormalizerStep[],
    readonly sequence: boolean,
  ) {
    this.inPieces = !steps.some((step) => step.whole)
    this.joining = steps.some((step) => step.joins !== undefined) ? JOINS : 0
  }

  normalize(text: string, start: number, end: number, out: TextBuffer): void {
    out.reserve(end - start)
    if (!this.inPieces) {
      this.normalizeSlowly(text, start, end, out, start, end)
      return
    }
    const before = out.length
    let i = start
    let entry = i < end ? this.entryOf(text.charCodeAt(i)) : 0
    while (i < end) {
      let stop = i + 1
      let next = stop < end ? this.entryOf(text.charCodeAt(stop)) : KNOWN
      if (((entry | next) & DEPENDS) === 0 && !this.join(entry, next, text, stop + 1, end)) {
        if ((entry & LONGER) === 0) out.push(entry & 0xffff, i, stop)
        else out.pushString(this.longer.get(text.charCodeAt(i)) ?? '', i, stop)
      } else {
        let last = KNOWN
        while (stop < end) {
          // What stands beside a character that depends on its neighbours may become something that joins.
          const joining = (last & DEPENDS) === 0 ? entry : entry | this.joining
          if (((entry | next) & DEPENDS) === 0 && !this.join(joining, next, text, stop + 1, end)) break
          last = entry
          entry = next
          next = ++stop < end ? this.entryOf(text.charCodeAt(stop)) : KNOWN
        }
        if (!this.normalizeSlowly(text, i, stop, out, start, end)) {
          out.length = before
          this.normalizeSlowly(text, start, end, out, start, end)
          return
        }
      }
      entry = next
      i = stop
    }
  }

  /** Whether two neighbours may change together; `after` is where the text goes on after the second. */
  private join(first: number, second: number, text: string, after: number, end: number): boolean {
    if ((first & JOINS) === 0) return false
    if ((first & second & JOINS) !== 0) return true
    return after < end && (this.entryOf(text.charCodeAt(after)) & DEPENDS) !== 0
  }

  /**
   * Sends `text[i, stop)`, a piece of `text[start, end)`, through the steps. Returns false if it cannot be done apart
   * from the rest after all: see {@link NormalizerStep.apply}.
   */
  private normalizeSlowly(text: string, i: number, stop: number, out: TextBuffer, start: number, end: number): boolean {
    const { text: aligned } = this
    aligned.load(text, i, stop)
    const whole = i === start && stop === end
    let apart = true
    for (const step of this.steps) {
      const inPlace = step.apply(aligned)
      const { codes, length } = aligned
      if (!apart || whole) continue
      const last = codes[length - 1]
      apart =
        inPlace &&
        last !== undefined &&
        (i === start || isApart(codes[0]!)) &&
        (stop === end || isApart(last) || joinsBefore(last))
    }
    aligned.appendTo(out)
    return apart
  }

  private entryOf(unit: number): number {
    let entry = this.table[unit]!
    if (entry === 0) {
      entry = this.learn(unit)
      this.table[unit] = entry
    }
    return entry
  }

  /** Sends the character through the steps alone, and looks at it after each. */
  private learn(unit: number): number {
    if (unit >= 0xd800 && unit <= 0xdfff) return KNOWN | DEPENDS
    const { text } = this
    text.load(String.fromCharCode(unit), 0, 1)
    let joins = 0
    let bit = 1 << 19
    for (const step of this.steps) {
      if (!isIndependent(text)) return KNOWN | DEPENDS
      if (step.joins !== undefined) {
        for (let i = 0; i < text.length; i++) if (step.joins(text.codes[i]!)) joins |= bit
        bit = bit === 1 << 24 ? 1 << 19 : bit << 1
      }
      step.apply(text)
    }
    if (!isIndependent(text)) return KNOWN | DEPENDS
    const result = text.toString()
    if (result.length === 1) return KNOWN | joins | result.charCodeAt(0)
    this.longer.set(unit, result)
    return KNOWN | LONGER | joins
  }

  toJson(): Json {
    const steps = this.steps.map((step) => step.toJson())
    return this.sequence ? { type: 'Sequence', normalizers: steps } : (steps[0] ?? null)
  }
}

/** Whether a text that one character has become is of no concern to neighbours of this kind, nor they to it. */
function isIndependent(text: AlignedText): boolean {
  if (text.length === 0) return false
  for (let i = 0; i < text.length; i++) {
    const code = text.codes[i]!
    if (!isApart(code) && (i === 0 || !joinsBefore(code))) return false
  }
  return true
}

/** Whether a text may be cut before and after the character if its neighbours are such too. */
function isApart(code: number): boolean {
  // A tab or a line feed is a cluster by itself as well.
  return code === 0x09 || code === 0x0a || (standsApart(code) && combiningRank(code) === 0)
}
