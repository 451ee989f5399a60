// Which heads there are, under which of transformers' names, and what they give.

import { describe, expect, it } from 'vitest'
import { albertSharing, type EncoderConfig, type ModelType } from '../checkpoint/index.js'
import { input } from '../graph/index.js'
import { className, defineModel, HEADS, type Head, headFromConfig, kins } from './index.js'
import { everyModel, tinyConfig } from './testing/tinyModels.js'

/** Of transformers 5.17. */
const classes = {
  bert: {
    base: 'BertModel',
    'masked-lm': 'BertForMaskedLM',
    pretraining: 'BertForPreTraining',
    'span-boundary': 'BertForMaskedLM',
    'next-sentence-prediction': 'BertForNextSentencePrediction',
    'sequence-classification': 'BertForSequenceClassification',
    'token-classification': 'BertForTokenClassification',
    'question-answering': 'BertForQuestionAnswering',
    'multiple-choice': 'BertForMultipleChoice',
  },
  albert: {
    base: 'AlbertModel',
    'masked-lm': 'AlbertForMaskedLM',
    pretraining: 'AlbertForPreTraining',
    'sequence-classification': 'AlbertForSequenceClassification',
    'token-classification': 'AlbertForTokenClassification',
    'question-answering': 'AlbertForQuestionAnswering',
    'multiple-choice': 'AlbertForMultipleChoice',
  },
  roberta: {
    base: 'RobertaModel',
    'masked-lm': 'RobertaForMaskedLM',
    'sequence-classification': 'RobertaForSequenceClassification',
    'token-classification': 'RobertaForTokenClassification',
    'question-answering': 'RobertaForQuestionAnswering',
    'multiple-choice': 'RobertaForMultipleChoice',
  },
  electra: {
    base: 'ElectraModel',
    'masked-lm': 'ElectraForMaskedLM',
    pretraining: 'ElectraForPreTraining',
    'sequence-classification': 'ElectraForSequenceClassification',
    'token-classification': 'ElectraForTokenClassification',
    'question-answering': 'ElectraForQuestionAnswering',
    'multiple-choice': 'ElectraForMultipleChoice',
  },
} as const

describe('heads', () => {
  it('are these', () => {
    const present = Object.entries(kins).map(([modelType, { heads }]) => [
      modelType,
      Object.fromEntries(Object.entries(heads).map(([head, entry]) => [head, entry.className])),
    ])
    expect(Object.fromEntries(present)).toEqual(classes)
  })

  it.each(everyModel)('of %s: %s is found by its class in config.json', (modelType, head) => {
    const config = tinyConfig(modelType)
    const architectures = [className(config, head)]
    // transformers has no class for SpanBERT's second head: such a checkpoint is a masked language model to begin with.
    expect(headFromConfig({ ...config, architectures })).toBe(head === 'span-boundary' ? 'masked-lm' : head)
  })

  it('are the bare encoder where config.json names none', () => {
    expect(headFromConfig(tinyConfig('bert'))).toBe('base')
  })

  it('are refused where config.json names another kin’s or an unknown one', () => {
    for (const architecture of ['ElectraForMaskedLM', 'BertLMHeadModel', 'constructor']) {
      const config = { ...tinyConfig('bert'), architectures: [architecture] }
      expect(() => headFromConfig(config)).toThrow(
        expect.objectContaining({ code: 'config-unsupported', message: expect.stringContaining(architecture) }),
      )
    }
  })

  it('that a kin lacks are refused, with those that it has', () => {
    const refused = expect.objectContaining({ code: 'head-mismatch', message: expect.stringMatching(/masked-lm/) })
    expect(() => defineModel(tinyConfig('electra'), 'next-sentence-prediction')).toThrow(refused)
    expect(() => className(tinyConfig('electra'), 'next-sentence-prediction')).toThrow(refused)
  })

  it('of every kin stand in the list of all heads', () => {
    for (const { heads } of Object.values(kins)) expect(HEADS).toEqual(expect.arrayContaining(Object.keys(heads)))
  })

  it('for multiple choice refuse summaries that are not built', () => {
    for (const change of [{ summaryType: 'mean' }, { summaryUseProj: false }, { summaryActivation: 'tanh' }] as const) {
      const define = () => defineModel(tinyConfig('electra', change), 'multiple-choice')
      expect(define).toThrow(expect.objectContaining({ code: 'config-unsupported' }))
    }
  })
})

describe('parameters', () => {
  it('of the output projection are there only where it is untied', () => {
    const paths = (options: { tie?: boolean; untied?: string[] }) =>
      defineModel(tinyConfig('bert', { tieWordEmbeddings: options.tie ?? true }), 'masked-lm', {
        untied: new Set(options.untied),
      })
        .scope.declarations()
        .map(({ path }) => path)
        .filter((path) => /predictions\.(decoder|bias)/.test(path))
    expect(paths({})).toEqual(['cls.predictions.bias'])
    expect(paths({ tie: false })).toEqual(['cls.predictions.decoder.weight', 'cls.predictions.bias'])
    expect(paths({ untied: ['cls.predictions.decoder.weight', 'cls.predictions.decoder.bias'] })).toEqual([
      'cls.predictions.decoder.weight',
      'cls.predictions.decoder.bias',
    ])
  })

  it('of ALBERT are as many as its way of sharing says', () => {
    const count = (mode: Parameters<typeof albertSharing>[0], changes: Partial<EncoderConfig> = {}) => {
      const config = tinyConfig('albert', { ...albertSharing(mode, 3), ...changes })
      const paths = defineModel(config, 'base').scope.declarations()
      return paths.filter(({ path }) => path.includes('.albert_layers.')).length
    }
    // A block has ten tensors of attention and six of the feed-forward half, with their normalizations.
    expect(count('all')).toBe(16)
    expect(count('none')).toBe(3 * 16)
    expect(count('attention')).toBe(10 + 3 * 6)
    expect(count('ffn')).toBe(3 * 10 + 6)
    expect(count('all', { innerGroupNum: 2 })).toBe(2 * 16)
    expect(count('all', { numHiddenGroups: 2 })).toBe(2 * 16)
  })

  it('of ELECTRA’s projection of embeddings are there only where the sizes differ', () => {
    const hasProjection = (embeddingSize: number) =>
      defineModel(tinyConfig('electra', { embeddingSize }), 'base')
        .scope.declarations()
        .some(({ path }) => path.startsWith('electra.embeddings_project'))
    expect([hasProjection(6), hasProjection(8)]).toEqual([true, false])
  })
})

describe('dropout', () => {
  /** How often a model drops, with the given probabilities. */
  function places(modelType: ModelType, head: Head, changes: Partial<EncoderConfig>): number {
    const none = { hiddenDropoutProb: 0, attentionProbsDropoutProb: 0, classifierDropout: 0, summaryLastDropout: 0 }
    let streams = 0
    const dropout = { seed: input('seed', 'uint32', [1]), nextStream: () => streams++ }
    defineModel(tinyConfig(modelType, { ...none, ...changes }), head, { mode: { dropout } })
    return streams
  }

  it.each(everyModel)('of %s: %s is where transformers has it', (modelType, head) => {
    const [isAlbert, isElectra] = [modelType === 'albert', modelType === 'electra']
    const isMultipleChoice = head === 'multiple-choice'
    // 2 layers: after the embeddings, and twice in each layer (ALBERT's drop nothing of the feed-forward half); in each
    // attention; and what the head has of its own. RoBERTa's multiple choice goes by the hidden layers' probability.
    const inHidden = (isAlbert ? 1 + 2 : 1 + 2 * 2) + Number(modelType === 'roberta' && isMultipleChoice)
    expect(places(modelType, head, { hiddenDropoutProb: 0.1 })).toBe(inHidden)
    expect(places(modelType, head, { attentionProbsDropoutProb: 0.1 })).toBe(2)
    const hasHiddenLayer = isElectra || modelType === 'roberta' // drops before and after it
    const inHead =
      head === 'sequence-classification'
        ? (hasHiddenLayer && 2) || 1
        : Number(
            head === 'token-classification' ||
              (isMultipleChoice && !hasHiddenLayer) ||
              (head === 'pretraining' && isAlbert), // of the sentence order
          )
    expect(places(modelType, head, { classifierDropout: 0.1 })).toBe(inHead)
    const inSummary = Number(head === 'multiple-choice' && isElectra)
    expect(places(modelType, head, { summaryLastDropout: 0.1 })).toBe(inSummary)
    // Where nothing is said of the classifier, the hidden layers' probability is meant. ALBERT's has one of its own.
    if (isAlbert) return
    const unsaid = { hiddenDropoutProb: 0.1, classifierDropout: undefined } as unknown as Partial<EncoderConfig>
    expect(places(modelType, head, unsaid)).toBe(inHidden + inHead)
  })
})
