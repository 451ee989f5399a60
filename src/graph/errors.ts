// What can be wrong with a graph, found while it is built.

import { BertkinError } from '../errors.js'

/** An operator was given shapes that do not fit. `operator` and `shapes` say which. */
export class ShapeError extends BertkinError {
  override readonly name = 'ShapeError'

  constructor(
    readonly operator: string,
    problem: string,
    readonly shapes: readonly (readonly (number | string)[])[],
  ) {
    super('shape-mismatch', `${operator}: ${problem}: ${shapes.map((shape) => `[${shape.join(', ')}]`).join(' and ')}`)
  }
}

/** An operator was given an element type that it does not take. */
export class DTypeError extends BertkinError {
  override readonly name = 'DTypeError'

  constructor(
    readonly operator: string,
    problem: string,
  ) {
    super('dtype-mismatch', `${operator}: ${problem}`)
  }
}

/** A gradient was asked for that nothing defines. Never answered with a silent zero. */
export class MissingGradientError extends BertkinError {
  override readonly name = 'MissingGradientError'

  constructor(
    readonly operator: string,
    problem: string,
  ) {
    super('missing-gradient', `${operator}: ${problem}`)
  }
}
