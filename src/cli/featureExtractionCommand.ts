// bertkin feature-extraction: texts → vectors.

import { type Command, Option } from 'commander'
import pc from 'picocolors'
import { type FeatureExtractionAnswer, type Pooling, pipeline } from '../pipeline/index.js'
import { answered, loading, print, type TaskOptions, taskCommand } from './taskCommands.js'
import { textInput } from './textInput.js'

interface FeatureExtractionCommandOptions extends TaskOptions {
  readonly pooling: Pooling
  readonly normalize?: boolean
}

export function addFeatureExtractionCommand(program: Command): void {
  const poolings = new Option('--pooling <name>', 'one vector a text: the first token’s, or the mean of all')
  taskCommand(program, 'feature-extraction', 'turn texts into vectors')
    .description('Gives the vector of every token of a text, or one vector for the text.')
    .addOption(poolings.choices(['none', 'cls', 'mean']).default('none'))
    .option('--normalize', 'bring vectors to length 1')
    .addHelpText(
      'after',
      '\nExample:\n  bertkin feature-extraction runs/mine "Kathmandu is a city." --pooling mean --normalize --json',
    )
    .action(async (model: string, texts: string[], options: FeatureExtractionCommandOptions) => {
      const { file, json = false, truncation = false, pooling, normalize = false } = options
      using extract = await pipeline('feature-extraction', model, loading(options))
      const ask = (text: string) => extract(text, { pooling, normalize, truncation })
      for await (const [text, answer] of answered(textInput(texts, file), ask)) {
        print(json, answer, () => showVectors(text, answer))
      }
    })
}

/** The numbers are of interest here, not the text. */
const LONGEST_SHOWN = 200

/** A text, how many vectors of how many numbers it has, and how the first and the last vector begin and end. */
export function showVectors(text: string, answer: FeatureExtractionAnswer): string {
  const shown = text.length > LONGEST_SHOWN ? `${text.slice(0, LONGEST_SHOWN)}…` : text
  if (isVector(answer)) return [shown, `  ${pc.dim(`[${answer.length}]`)}  ${ends(answer)}`].join('\n')
  const shape = pc.dim(`[${answer.length}, ${answer[0]?.length ?? 0}]`)
  const named = answer.length > 1 ? ([['first', 0] as const, ['last', -1] as const] as const) : ([['only', 0]] as const)
  const lines = named.map(([name, i]) => `  ${name.padEnd(5)}  ${ends(answer.at(i) ?? [])}`)
  return [shown, `  ${shape}`, ...lines].join('\n')
}

const isVector = (answer: FeatureExtractionAnswer): answer is number[] => typeof answer[0] === 'number'

/** `0.1889 -0.0525 0.1712 … -0.4810 -0.3654 0.5008` */
function ends(vector: readonly number[]): string {
  const shown = (numbers: readonly number[]): string => numbers.map((number) => number.toFixed(4)).join(' ')
  return vector.length <= 6 ? shown(vector) : `${shown(vector.slice(0, 3))} … ${shown(vector.slice(-3))}`
}
