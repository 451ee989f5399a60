// A case, or several, for every operator in the table.

import type { Case } from './check.js'
import { elementwiseCases } from './elementwiseCases.js'
import { indexingCases } from './indexingCases.js'
import { matmulCases, rowCases } from './rowCases.js'
import { leafCases, shapeCases } from './shapeCases.js'

export const cases: readonly Case[] = [
  ...elementwiseCases,
  ...matmulCases,
  ...rowCases,
  ...indexingCases,
  ...shapeCases,
  ...leafCases,
]
