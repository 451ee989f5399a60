// The script of the tests' page: what a test does there, it does with these.

import * as browser from '../../../src/browser/index.js'
import * as checkpoint from '../../../src/checkpoint/index.js'
import { modelCase } from '../../../src/conformance/models.js'
import { pipelineCase } from '../../../src/conformance/pipelines.js'
import { tokenizerCase } from '../../../src/conformance/tokenizers.js'
import { trainCase } from '../../../src/conformance/train.js'
import * as errors from '../../../src/errors.js'
import * as runtime from '../../../src/runtime/index.js'

const conformance = { modelCase, pipelineCase, tokenizerCase, trainCase }

export const inPage = { ...checkpoint, ...runtime, ...errors, ...browser, ...conformance }

declare global {
  var kin: typeof inPage
}

globalThis.kin = inPage
