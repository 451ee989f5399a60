// bertkin export: a checkpoint in another format: ONNX, in the layout that transformers.js and optimum read, or safetensors
// with other numbers.

import { mkdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { type Command, Option } from 'commander'
import {
  checkFolder,
  convertedTensors,
  type Folder,
  isSameFolder,
  openCheckpoint,
  openFolder,
  openWeights,
  safetensorsChunks,
  toHuggingFaceConfig,
  writeFileAtomically,
  writeFolderAtomically,
} from '../checkpoint/index.js'
import { BertkinError } from '../errors.js'
import {
  className,
  exportOnnx,
  HEADS,
  type Head,
  type OnnxExport,
  type OnnxExportOptions,
  readConfig,
} from '../model/index.js'
import { loadTokenizer, modelFolderFor } from '../pipeline/index.js'
import { loadingOptions } from './downloads.js'
import { MODEL } from './options.js'
import { integer, table } from './terminal.js'

interface ExportOptions {
  readonly onnx?: boolean
  readonly safetensors?: boolean
  readonly out: string
  readonly head?: Head
  readonly dtype: NonNullable<OnnxExportOptions['dtype']>
  readonly externalData?: boolean
  readonly json?: boolean
}

const EXAMPLES = `
Example:
  bertkin export --onnx runs/mine/generator --out exported/mine

In half the bytes:
  bertkin export --safetensors --dtype float16 runs/mine/discriminator --out models/mine`

export function addExportCommand(program: Command): void {
  program
    .command('export')
    .summary('write a model as ONNX, for transformers.js and others, or as safetensors')
    .description(
      'Writes a model for ONNX Runtime in any language: onnx/model.onnx, config.json and the tokenizer’s files, as transformers.js and optimum read them. Or as a Hugging Face checkpoint again, in half the bytes.',
    )
    .argument('<model>', MODEL)
    .option('--onnx', 'onnx/model.onnx; the folder may be an earlier export’s, or the model’s own')
    .option('--safetensors', 'a checkpoint with all that is stored; the folder must not hold another model')
    .requiredOption('--out <dir>', 'a new or empty folder')
    .addOption(new Option('--head <name>', 'what it is used for; default: what it was saved as').choices(HEADS))
    .addOption(new Option('--dtype <type>', 'of the stored weights').choices(['float32', 'float16']).default('float32'))
    .option('--external-data', 'weights in a file of their own; default: only where 2 GB are not enough')
    .option('--json', 'for machines: one object')
    .addHelpText('after', EXAMPLES)
    .action(async (location: string, { out, json, onnx, safetensors, ...options }: ExportOptions) => {
      if (onnx === safetensors) throw new BertkinError('option-invalid', 'name one format: --onnx or --safetensors')
      const report = onnx ? await exportTo(location, out, options) : await convertTo(location, out, options)
      process.stdout.write(json ? `${JSON.stringify(report)}\n` : describe(report))
    })
}

interface Report {
  readonly architecture: string
  readonly files: readonly { readonly path: string; readonly bytes: number }[]
  readonly inputs?: OnnxExport['inputs']
  readonly outputs?: OnnxExport['outputs']
}

async function exportTo(location: string, out: string, options: OnnxExportOptions): Promise<Report> {
  const loading = loadingOptions()
  // Of a run's two models, the generator is the one that fills masks.
  const part = options.head === 'masked-lm' ? 'generator' : 'discriminator'
  const folder = await modelFolderFor(part, await openCheckpoint(location, loading))
  const isOwn = await checkTarget(folder, out)
  const exported = await exportOnnx(folder, options)
  const { config, head, files, inputs, outputs, omitted } = exported
  if (omitted.length > 0) {
    loading.onWarning(`${folder.name} lacks what ${omitted.join(' and ')} is computed from: left out`)
  }
  const described = isOwn ? {} : await describingFiles(folder, exported, loading)
  const written: { path: string; bytes: number }[] = []
  const write = async (name: string, chunks: Iterable<Uint8Array> | AsyncIterable<Uint8Array>): Promise<void> => {
    const path = join(out, name)
    let bytes = 0
    async function* counted(): AsyncGenerator<Uint8Array> {
      for await (const chunk of chunks) {
        bytes += chunk.length
        yield chunk
      }
    }
    await writeFileAtomically(path, counted())
    written.push({ path, bytes })
  }
  await mkdir(join(out, 'onnx'), { recursive: true }).catch((cause: Error) => {
    throw new BertkinError('file-write', `Cannot write ${out}: ${cause.message}`, { cause })
  })
  for (const [name, text] of Object.entries(described)) await write(name, [new TextEncoder().encode(text)])
  for (const [name, chunks] of Object.entries(files)) await write(`onnx/${name}`, chunks)
  return { architecture: className(config, head), files: written, inputs, outputs }
}

/** All that a checkpoint's weights hold, as numbers of another size. */
async function convertTo(
  location: string,
  out: string,
  { dtype, head, externalData }: OnnxExportOptions,
): Promise<Report> {
  if (head ?? externalData) throw new BertkinError('option-invalid', '--head and --external-data are for --onnx')
  const loading = loadingOptions()
  const folder = await modelFolderFor('discriminator', await openCheckpoint(location, loading))
  if (await checkTarget(folder, out)) {
    throw new BertkinError('file-write', `${out} is the model itself: choose a new folder`)
  }
  const config = await readConfig(folder)
  const tensors = await convertedTensors(await openWeights(folder), dtype === 'float16' ? 'F16' : 'F32')
  // Half precision is for storing: without this, Python would compute in it, too.
  const computed = { ...(JSON.parse(toHuggingFaceConfig(config)) as object), dtype: 'float32' }
  await writeFolderAtomically(out, {
    ...(await tokenizerFiles(folder, loading)),
    'config.json': `${JSON.stringify(computed, undefined, 2)}\n`,
    'model.safetensors': safetensorsChunks(tensors),
  })
  const names = ['config.json', 'model.safetensors']
  const files = await Promise.all(names.map(async (path) => ({ path, bytes: (await stat(join(out, path))).size })))
  return { architecture: config.architectures?.[0] ?? config.modelType, files }
}

/** Refuses a folder that holds something else; true if it is the model's own, whose files stay as they are. */
async function checkTarget(folder: Folder, out: string): Promise<boolean> {
  if (await isSameFolder(folder, out)) return true
  if ((await checkFolder(out)) === 'nothing') return false
  const present = await openFolder(out)
  for (const weights of ['model.safetensors', 'pytorch_model.bin', 'model.safetensors.index.json']) {
    if ((await present.open(weights)) === undefined) continue
    throw new BertkinError('file-write', `Cannot write ${out}: it holds another model. Choose a new or empty folder.`)
  }
  return false
}

/** What stands beside the model: its configuration and the tokenizer. */
async function describingFiles(
  folder: Folder,
  { config, files }: OnnxExport,
  loading: ReturnType<typeof loadingOptions>,
): Promise<Record<string, string>> {
  const data = Object.keys(files).find((name) => name.endsWith('_data'))
  // How transformers.js knows that there is a second file.
  const outside = data && {
    'transformers.js_config': { use_external_data_format: { [data.replace(/_data$/, '')]: 1 } },
  }
  return {
    ...(await tokenizerFiles(folder, loading)),
    'config.json': toHuggingFaceConfig({ ...config, extra: { ...config.extra, ...outside } }),
  }
}

async function tokenizerFiles(
  folder: Folder,
  { onWarning }: ReturnType<typeof loadingOptions>,
): Promise<Readonly<Record<string, string>>> {
  const tokenizer = await loadTokenizer(folder).catch((error: unknown) => {
    if (!(error instanceof BertkinError)) throw error
    onWarning(`exported without a tokenizer: ${error.message}`)
    return undefined
  })
  return tokenizer?.toFiles() ?? {}
}

function describe({ architecture, files, inputs, outputs }: Report): string {
  const rows = files.map(({ path, bytes }) => [path, integer(bytes)])
  const values = (title: string, list: OnnxExport['inputs'] = []): string =>
    list.length === 0
      ? ''
      : `\n${title}\n${list.map(({ name, dtype, shape }) => `  ${name}  ${dtype} [${shape.join(', ')}]`).join('\n')}\n`
  return `${architecture}\n\n${table(['file', 'bytes'], rows, [1])}\n${values('inputs', inputs)}${values('outputs', outputs).slice(1)}`
}
