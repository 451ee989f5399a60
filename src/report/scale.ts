// Axes: round numbers to mark, and how numbers are written.

/**
 * Round numbers from at or below `low` to at or above `high`, about `count` steps apart.
 *
 * @example
 * ticks(2.1, 7.4, 3) // [2, 4, 6, 8]
 */
export function ticks(low: number, high: number, count: number): number[] {
  const step = roundStep((high - low) / count)
  const first = Math.floor(low / step + 1e-9)
  const last = Math.ceil(high / step - 1e-9)
  // Multiplied, not added up: 0.1 + 0.2 would stand on the axis.
  return Array.from({ length: last - first + 1 }, (_, i) => Number(((first + i) * step).toPrecision(12)))
}

/** The next of 1, 2, 5 times a power of ten. */
function roundStep(step: number): number {
  if (!(step > 0)) return 1
  const power = 10 ** Math.floor(Math.log10(step))
  const rounded = [1, 2, 5, 10].find((factor) => factor * power >= step * (1 - 1e-9)) ?? 10
  return rounded * power
}

/** A number with as many digits as are worth reading. */
export function shortNumber(value: number): string {
  const size = Math.abs(value)
  if (value === 0) return '0'
  if (size >= 1e6) return `${trimmed((value / 1e6).toPrecision(3))}M`
  if (size >= 1e4) return `${trimmed((value / 1e3).toPrecision(3))}k`
  if (size >= 100) return Math.round(value).toLocaleString('en-US')
  if (size >= 1e-2) return trimmed(value.toPrecision(3))
  return value
    .toExponential(size < 1e-99 ? 0 : 1)
    .replace('.0e', 'e')
    .replace('e-', 'e−')
}

const trimmed = (digits: string): string => (digits.includes('.') ? digits.replace(/\.?0+$/, '') : digits)
