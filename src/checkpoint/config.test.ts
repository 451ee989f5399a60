import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { createConfig, parseConfig, toHuggingFaceConfig } from './config.js'
import { albertSharing, headDropout } from './encoderConfig.js'
import { CheckpointError } from './error.js'

describe('parseConfig', () => {
  it("fills in transformers' defaults", () => {
    expect(parseConfig('{"model_type": "bert"}')).toEqual({
      modelType: 'bert',
      architectures: [],
      vocabSize: 30522,
      hiddenSize: 768,
      embeddingSize: 768,
      numHiddenLayers: 12,
      numHiddenGroups: 1,
      innerGroupNum: 1,
      sharedAcrossGroups: undefined,
      numAttentionHeads: 12,
      intermediateSize: 3072,
      hiddenAct: 'gelu',
      hiddenDropoutProb: 0.1,
      attentionProbsDropoutProb: 0.1,
      classifierDropout: undefined,
      maxPositionEmbeddings: 512,
      typeVocabSize: 2,
      initializerRange: 0.02,
      layerNormEps: 1e-12,
      padTokenId: 0,
      numLabels: 2,
      id2label: ['LABEL_0', 'LABEL_1'],
      label2id: new Map([
        ['LABEL_0', 0],
        ['LABEL_1', 1],
      ]),
      problemType: undefined,
      tieWordEmbeddings: true,
      summaryType: 'first',
      summaryUseProj: true,
      summaryActivation: 'gelu',
      summaryLastDropout: 0.1,
      maxPairTargets: 15,
      pairPositionSize: 200,
      extra: {},
    })
    expect(parseConfig({ model_type: 'electra' })).toMatchObject({
      hiddenSize: 256,
      embeddingSize: 128,
      numAttentionHeads: 4,
      intermediateSize: 1024,
    })
    expect(parseConfig({ model_type: 'albert' })).toMatchObject({
      vocabSize: 30_000,
      hiddenSize: 4096,
      embeddingSize: 128,
      numHiddenGroups: 1,
      innerGroupNum: 1,
      numAttentionHeads: 64,
      intermediateSize: 16_384,
      hiddenAct: 'gelu_new',
      hiddenDropoutProb: 0,
      attentionProbsDropoutProb: 0,
      classifierDropout: 0.1,
    })
    expect(parseConfig({ model_type: 'roberta' })).toMatchObject({ vocabSize: 50_265, hiddenSize: 768, padTokenId: 1 })
  })

  it('recognises files without model_type', () => {
    expect(parseConfig({ architectures: ['ElectraForPreTraining'] }).modelType).toBe('electra')
    expect(parseConfig({ architectures: ['BertForMaskedLM'], hidden_size: 768 }).modelType).toBe('bert')
    // Google's bert_config.json and SpanBERT's files have neither.
    expect(parseConfig({ hidden_size: 768, vocab_size: 28996, pooler_type: 'first_token_transform' }).modelType).toBe(
      'bert',
    )
  })

  it('takes labels as transformers does', () => {
    const of = (fields: object): ReturnType<typeof parseConfig> => parseConfig({ model_type: 'bert', ...fields })
    expect(of({ num_labels: 3 }).id2label).toEqual(['LABEL_0', 'LABEL_1', 'LABEL_2'])
    const three = of({ id2label: { '2': 'c', '0': 'a', '1': '__proto__' }, num_labels: 7 })
    expect(three.id2label).toEqual(['a', '__proto__', 'c'])
    expect(three.numLabels).toBe(3)
    expect(three.label2id.get('__proto__')).toBe(1)
    expect(of({ id2label: { '0': 'no', '1': 'yes' }, label2id: { no: '0', yes: '1' } }).label2id.get('yes')).toBe(1)
    expect(of({ id2label: { '0': 'no', '1': 'yes' }, label2id: { a: 5 } }).label2id.get('yes')).toBe(1)
    // More than ten labels: text order of the keys is not their order.
    const many = of({ id2label: Object.fromEntries(Array.from({ length: 12 }, (_, i) => [i, `L${i}`])) })
    expect(many.id2label[11]).toBe('L11')
  })

  it('maps the names of activations', () => {
    const of = (name: string): string => parseConfig({ model_type: 'bert', hidden_act: name }).hiddenAct
    expect(['gelu', 'gelu_python', 'gelu_new', 'gelu_pytorch_tanh', 'gelu_fast', 'relu', 'tanh'].map(of)).toEqual([
      'gelu',
      'gelu',
      'gelu_new',
      'gelu_new',
      'gelu_new',
      'relu',
      'tanh',
    ])
  })

  it('takes null and out-of-range padding for no padding row', () => {
    expect(parseConfig({ model_type: 'bert', pad_token_id: null }).padTokenId).toBeUndefined()
    expect(parseConfig({ model_type: 'bert', pad_token_id: -1 }).padTokenId).toBeUndefined()
    expect(parseConfig({ model_type: 'bert', pad_token_id: 5 }).padTokenId).toBe(5)
  })

  it('falls back to hidden dropout before heads', () => {
    expect(headDropout(parseConfig({ model_type: 'bert', hidden_dropout_prob: 0.3, classifier_dropout: null }))).toBe(
      0.3,
    )
    expect(headDropout(parseConfig({ model_type: 'bert', hidden_dropout_prob: 0.3, classifier_dropout: 0 }))).toBe(0)
  })

  it.each([
    ['not JSON', '{"model_type": ', 'file-malformed', /not valid JSON/],
    ['a list', '[]', 'file-malformed', /not an object/],
    ['a repeated field', '{"vocab_size": 1, "vocab_size": 2}', 'file-malformed', /"vocab_size" occurs twice/],
    ['deep nesting', `{"a": ${'['.repeat(100_000)}${']'.repeat(100_000)}}`, 'file-malformed', /nested/],
    [
      'another kind',
      '{"model_type": "gpt2"}',
      'config-unsupported',
      /"gpt2"; supported are: bert, albert, roberta, electra/,
    ],
    ['a kind from the prototype', '{"model_type": "constructor"}', 'config-unsupported', /supported are/],
    ['no kind', '{}', 'config-unsupported', /names no model_type/],
    ['relative positions', { position_embedding_type: 'relative_key' }, 'config-unsupported', /relative_key/],
    ['a decoder', { is_decoder: true }, 'config-unsupported', /is_decoder/],
    ['cross attention', { add_cross_attention: true }, 'config-unsupported', /add_cross_attention/],
    ['an unknown activation', { hidden_act: 'swiglu' }, 'config-unsupported', /"swiglu"; supported/],
    ['an activation from the prototype', { hidden_act: 'toString' }, 'config-unsupported', /supported/],
    ['heads that do not divide', { num_attention_heads: 7 }, 'config-invalid', /768 is not a multiple of .* 7/],
    ['no heads', { num_attention_heads: 0 }, 'config-invalid', /num_attention_heads should be an integer from 1/],
    ['a negative size', { hidden_size: -768 }, 'config-invalid', /hidden_size/],
    ['a fractional size', { hidden_size: 768.5 }, 'config-invalid', /hidden_size/],
    ['a size in quotes', { vocab_size: '30522' }, 'config-invalid', /vocab_size should be .* but is "30522"/],
    ['an enormous size', { vocab_size: 1e12 }, 'config-invalid', /vocab_size/],
    ['dropout of 1', { hidden_dropout_prob: 1 }, 'config-invalid', /hidden_dropout_prob/],
    ['no epsilon', { layer_norm_eps: 0 }, 'config-invalid', /layer_norm_eps/],
    ['labels with a gap', { id2label: { '0': 'a', '2': 'b' } }, 'config-invalid', /id2label/],
    ['no labels', { id2label: {} }, 'config-invalid', /id2label/],
    ['an unknown problem', { problem_type: 'ranking' }, 'config-invalid', /problem_type should be one of/],
    [
      'one exclusive label',
      { problem_type: 'single_label_classification', num_labels: 1 },
      'config-invalid',
      /regression/,
    ],
  ] as const)('refuses %s', (_, source, code, message) => {
    const parse = (): unknown => parseConfig(typeof source === 'string' ? source : { model_type: 'bert', ...source })
    expect(parse).toThrow(CheckpointError)
    expect(parse).toThrow(message)
    expect(parse).toThrow(expect.objectContaining({ code }))
    expect(parse).toThrow(/^config\.json/)
  })
})

describe('createConfig', () => {
  it('starts from the defaults or from another configuration', () => {
    const small = createConfig({ modelType: 'electra', hiddenSize: 64, numAttentionHeads: 1, padTokenId: undefined })
    expect(small).toMatchObject({ hiddenSize: 64, embeddingSize: 128, intermediateSize: 1024 })
    expect(small.padTokenId).toBeUndefined()
    const base = parseConfig({ model_type: 'bert', summary: 'mine' })
    const changed = createConfig({ ...base, numHiddenLayers: 2 })
    expect(changed).toEqual({ ...base, numHiddenLayers: 2 })
    expect(createConfig({ modelType: 'bert', numLabels: 3 }).id2label.length).toBe(3)
    expect(createConfig({ ...base, numLabels: 1, id2label: ['score'] }).label2id.get('score')).toBe(0)
    expect(() => createConfig({ ...base, numLabels: 3 })).toThrow('numLabels is 3, but id2label names 2 labels')
    expect(() => createConfig({ modelType: 'bert', hiddenSize: 100 })).toThrow(/not a multiple/)
  })
})

describe('albertSharing', () => {
  it('says what is shared in groups, and what is shared across them', () => {
    const of = (mode: Parameters<typeof albertSharing>[0]) => {
      const config = createConfig({ modelType: 'albert', ...albertSharing(mode, 6) })
      expect(parseConfig(toHuggingFaceConfig(config))).toEqual(config)
      return [config.numHiddenLayers, config.numHiddenGroups, config.sharedAcrossGroups]
    }
    expect(of('all')).toEqual([6, 1, undefined])
    expect(of('none')).toEqual([6, 6, undefined])
    expect(of('attention')).toEqual([6, 6, 'attention'])
    expect(of('ffn')).toEqual([6, 6, 'ffn'])
  })
})

describe('toHuggingFaceConfig', () => {
  it('keeps unknown fields, drops what described the old weights', () => {
    const config = parseConfig({
      model_type: 'bert',
      architectures: ['BertForMaskedLM'],
      directionality: 'bidi',
      __proto__x: 1,
      torch_dtype: 'float16',
      _name_or_path: '/home/someone',
      transformers_version: '4.0.0',
    })
    const written = JSON.parse(toHuggingFaceConfig(config)) as Record<string, unknown>
    expect(written).toMatchObject({ directionality: 'bidi', transformers_version: '4.0.0', classifier_dropout: null })
    expect(written).not.toHaveProperty('torch_dtype')
    expect(written).not.toHaveProperty('_name_or_path')
    expect(written).not.toHaveProperty('id2label')
  })

  it.each([
    {
      model_type: 'bert',
      id2label: { '0': 'x', '1': 'y', '2': '__proto__' },
      problem_type: 'multi_label_classification',
    },
    { model_type: 'electra', summary_activation: null, summary_last_dropout: 0, pad_token_id: null, vocab_size: 7 },
    {
      model_type: 'electra',
      classifier_dropout: 0.2,
      hidden_act: 'gelu_new',
      tie_word_embeddings: false,
      num_labels: 1,
    },
  ])('is read back as it was written: %j', (fields) => {
    const config = parseConfig(fields)
    const again = parseConfig(toHuggingFaceConfig(config))
    expect(again).toEqual(config)
    expect(toHuggingFaceConfig(again)).toBe(toHuggingFaceConfig(config))
  })

  const golden = new URL('../../../shared/golden/models/', import.meta.url)
  it.skipIf(!existsSync(golden))("repeats transformers' own files (needs ../shared/golden)", () => {
    let count = 0
    for (const name of readdirSync(golden)) {
      const original = JSON.parse(readFileSync(new URL(`${name}/config.json`, golden), 'utf8')) as object
      expect(JSON.parse(toHuggingFaceConfig(parseConfig({ ...original }))), name).toEqual(original)
      count++
    }
    expect(count).toBeGreaterThan(10)
  })

  const python = process.env.BERTKIN_PYTHON
  it.skipIf(python === undefined)('means the same to transformers (needs BERTKIN_PYTHON)', () => {
    const configs = [
      createConfig({ modelType: 'bert' }),
      createConfig({ modelType: 'bert', id2label: ['a', 'b', 'c'], classifierDropout: 0.25, hiddenAct: 'gelu_new' }),
      createConfig({ modelType: 'albert', ...albertSharing('attention', 4), innerGroupNum: 2 }),
      createConfig({ modelType: 'roberta', maxPositionEmbeddings: 514, typeVocabSize: 1 }),
      createConfig({
        modelType: 'electra',
        architectures: ['ElectraForMaskedLM'],
        hiddenSize: 64,
        numAttentionHeads: 2,
      }),
    ]
    const script = `
import sys, json, transformers
for text in json.load(sys.stdin):
    d = json.loads(text)
    c = transformers.AutoConfig.for_model(**d)
    t = c.to_dict()
    print(json.dumps({**{k: t.get(k, "absent") for k in d}, "num_labels": c.num_labels}))`
    const input = JSON.stringify(configs.map(toHuggingFaceConfig))
    const { stdout, stderr, status } = spawnSync(python ?? '', ['-c', script], { input, encoding: 'utf8' })
    expect(status, stderr).toBe(0)
    const seen = stdout.trim().split('\n')
    for (const [i, config] of configs.entries()) {
      const expected = JSON.parse(toHuggingFaceConfig(config)) as object
      expect(JSON.parse(seen[i] ?? '')).toEqual({ ...expected, num_labels: config.numLabels })
    }
  })
})
