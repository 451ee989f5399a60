/**
 * A number with its noun: `1 text`, `2 texts`.
 *
 * @param format how the number is written: `String` unless said
 *
 * @example
 * counted(1, 'text') // '1 text'
 */
export const counted = (count: number, noun: string, format: (count: number) => string = String): string =>
  `${format(count)} ${noun}${count === 1 ? '' : 's'}`
