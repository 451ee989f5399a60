// What comes with bertkin besides its code.

import { fileURLToPath } from 'node:url'

/** A path in the package, of which this file is two folders below. */
const inPackage = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url))

/** Simple stories to train on. */
export const SAMPLE = inPackage('sample/stories.txt')
/** The checkpoints of the four kin. */
export const MODELS = inPackage('models')
