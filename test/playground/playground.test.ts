// Every room of the playground, driven as a person would, in a real browser; what it shows is compared with Node.

import { afterAll, beforeAll, describe, it } from 'vitest'
import { executable, HOW_TO_GET_ONE } from '../browser/support/chromium.js'
import { testAccess } from './access.js'
import { testAlbert } from './albert.js'
import { testAttention } from './attention.js'
import { testElectra } from './electra.js'
import { testResilience } from './resilience.js'
import { testRoberta } from './roberta.js'
import { Site } from './site.js'
import { testSpanbert } from './spanbert.js'
import { testTokens } from './tokens.js'
import { testTraining } from './training.js'

// A browser on a busy machine is late now and then: what fails once is tried again, in a page that is entered anew.
describe.skipIf(!executable)('the playground', { retry: 1 }, () => {
  let site: Site
  beforeAll(async () => {
    site = await Site.open()
  })
  afterAll(() => site?.[Symbol.asyncDispose]())
  const open = (): Site => site

  describe('Tokens', () => testTokens(open))
  describe('RoBERTa', () => testRoberta(open))
  describe('ALBERT', () => testAlbert(open))
  describe('ELECTRA', () => testElectra(open))
  describe('SpanBERT', () => testSpanbert(open))
  describe('Attention', () => testAttention(open))
  describe('Train', () => testTraining(open))
  describe('for everybody', () => testAccess(open))
  describe('whatever happens', () => testResilience(open))
})

it.skipIf(executable)(`the playground: ${HOW_TO_GET_ONE}`, ({ skip }) => skip())
