// The script of the tests' page: what a test does there, it does with these.

import * as browser from '../../../src/browser/index.js'
import * as checkpoint from '../../../src/checkpoint/index.js'
import * as errors from '../../../src/errors.js'
import * as runtime from '../../../src/runtime/index.js'

export const inPage = { ...checkpoint, ...runtime, ...errors, ...browser }

declare global {
  var kin: typeof inPage
}

globalThis.kin = inPage
