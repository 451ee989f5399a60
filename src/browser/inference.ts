// What a worker does with models that are there: answers, tokens, attention.

import { loadModel, type Model } from '../model/index.js'
import {
  attentionsOf,
  loadTokenizer,
  modelFolderFor,
  type Pipeline,
  pipeline,
  type TaskName,
} from '../pipeline/index.js'
import type { Encoding, Tokenizer } from '../tokenizer/index.js'
import { checkWanted, nextTask } from './nextTask.js'
import { openSource } from './openSource.js'
import type { EncodingData } from './protocol.js'
import type { Handlers } from './service.js'

type Inference =
  | 'device'
  | 'openPipeline'
  | 'ask'
  | 'openTokenizer'
  | 'encode'
  | 'decode'
  | 'openAttentions'
  | 'attend'
  | 'close'

interface AttentionModel {
  readonly model: Model
  readonly tokenizer: Tokenizer
  dispose(): void
}

/** A task whose types are not known here: the page's side has them. */
interface AnyPipeline {
  (inputs: AsyncIterable<unknown>, options: unknown): AsyncGenerator<unknown>
  (input: unknown, options: unknown): Promise<unknown>
}

export const inferenceMethods: Pick<Handlers, Inference> = {
  async device(_, { service }) {
    return (await service.runtime()).choice
  },

  async openPipeline({ task, source, options, behaviour }, context) {
    const runtime = await context.service.runtime()
    const folder = await openSource(source, options, context)
    const opened: Pipeline<TaskName> = await pipeline(task, folder, {
      ...behaviour,
      runtime,
      onWarning: (message) => context.send({ kind: 'warning', message }),
    })
    checkWanted(context.signal, opened)
    const { model, task: name } = opened
    return { handle: context.service.add(opened), task: name, config: model.config, device: runtime.choice }
  },

  async ask({ handle, input, options }, { service, signal }) {
    const ask = service.get<AnyPipeline>(handle)
    if (!Array.isArray(input)) return ask(input, options)
    const answers: unknown[] = []
    for await (const answer of ask(inOrder(input, signal), options)) answers.push(answer)
    return answers
  },

  async openTokenizer({ source, options }, context) {
    const tokenizer = await loadTokenizer(await openSource(source, options, context))
    return { handle: context.service.add({ tokenizer } as object), vocabSize: tokenizer.vocabSize }
  },

  async encode({ handle, text, options }, { service }) {
    return plain(service.get<{ tokenizer: Tokenizer }>(handle).tokenizer.encode(text, options))
  },

  async decode({ handle, ids, skipSpecialTokens }, { service }) {
    return service.get<{ tokenizer: Tokenizer }>(handle).tokenizer.decode(ids, { skipSpecialTokens })
  },

  async openAttentions({ source, options }, context) {
    const runtime = await context.service.runtime()
    const folder = await modelFolderFor('discriminator', await openSource(source, options, context))
    const tokenizer = await loadTokenizer(folder)
    const model = await loadModel(folder, { runtime, head: 'base' })
    const opened: AttentionModel = { model, tokenizer, dispose: () => model.dispose() }
    checkWanted(context.signal, opened)
    return { handle: context.service.add(opened), config: model.config, device: runtime.choice }
  },

  async attend({ handle, text, options }, { service }) {
    return attentionsOf(service.get<AttentionModel>(handle), text, options)
  },

  async close({ handle }, { service }) {
    service.close(handle)
    return undefined
  },
}

/** Inputs one by one; what comes in between, a cancellation say, is heard. */
async function* inOrder(inputs: readonly unknown[], signal: AbortSignal): AsyncGenerator<unknown> {
  for (const [i, input] of inputs.entries()) {
    if (i % 64 === 0) await nextTask()
    checkWanted(signal)
    yield input
  }
}

function plain(encoding: Encoding): EncodingData {
  const { ids, tokens, typeIds, attentionMask, specialTokensMask, offsets, wordIds, sequenceIds } = encoding
  const own = { ids, tokens, typeIds, attentionMask, specialTokensMask, offsets, wordIds, sequenceIds }
  return { ...own, overflowing: encoding.overflowing.map(plain) }
}
