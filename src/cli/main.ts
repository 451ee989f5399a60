#!/usr/bin/env node
// The command line: thin commands over the rooms. A user's mistake gives one clear line and exit code 1.

import { Command } from 'commander'
import { addEvaluateCommand } from './evaluateCommand.js'
import { addExportCommand } from './exportCommand.js'
import { addFeatureExtractionCommand } from './featureExtractionCommand.js'
import { addFinetuneCommand } from './finetuneCommand.js'
import { addInspectCommand } from './inspect.js'
import { addPlaygroundCommand } from './playgroundCommand.js'
import { addPretrainCommand } from './pretrainCommand.js'
import { addQuestionAnsweringCommand } from './questionAnsweringCommand.js'
import { addReportCommand } from './reportCommand.js'
import { runCommand } from './run.js'
import { addSentenceOrderCommand } from './sentenceOrderCommand.js'
import { addSentenceSimilarityCommand } from './sentenceSimilarityCommand.js'
import { addSpanInfillingCommand } from './spanInfillingCommand.js'
import { addFillMaskCommand, addReplacedTokenDetectionCommand } from './taskCommands.js'
import { addTextClassificationCommand } from './textClassificationCommand.js'
import { addTextsCommand } from './textsCommand.js'
import { addTokenClassificationCommand } from './tokenClassificationCommand.js'
import { addTokenizeCommand } from './tokenizeCommand.js'
import { addTrainTokenizerCommand } from './trainTokenizerCommand.js'

const program = new Command('bertkin')
  .description('BERT’s kin in TypeScript: pretrain, run and save Hugging Face checkpoints.')
  .option('--debug', 'show stack traces')
  .showHelpAfterError('(add --help for usage)')
  .configureHelp({ showGlobalOptions: true })

addTrainTokenizerCommand(program)
addPretrainCommand(program)
addTextsCommand(program)
addFinetuneCommand(program)
addEvaluateCommand(program)
addFillMaskCommand(program)
addReplacedTokenDetectionCommand(program)
addSentenceOrderCommand(program)
addSpanInfillingCommand(program)
addQuestionAnsweringCommand(program)
addTextClassificationCommand(program)
addTokenClassificationCommand(program)
addFeatureExtractionCommand(program)
addSentenceSimilarityCommand(program)
addTokenizeCommand(program)
addInspectCommand(program)
addExportCommand(program)
addReportCommand(program)
addPlaygroundCommand(program)

await runCommand(program, process.argv)
