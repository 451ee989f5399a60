// Where the comparisons find what they read. What lies outside the repository may not be there.

import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** A path below this folder, or beside it. */
export const here = (path) => fileURLToPath(new URL(path, import.meta.url))

export const SAMPLE = here('../sample/stories.txt')
export const SQUAD = here('../../shared/tasks/squad/dev.json')
export const TOKENIZERS = here('../../shared/tokenizers')
export const CORPUS = [here('../../shared/corpus/wikipedia-en.txt'), SAMPLE].find((file) => existsSync(file))
