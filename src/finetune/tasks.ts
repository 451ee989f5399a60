// Every task to fine-tune for. A new one is a file of its own, a line in FinetuningTasks and an entry here.

import { BertkinError } from '../errors.js'
import { multipleChoice } from './multipleChoice.js'
import { questionAnswering } from './questionAnswering.js'
import type { FinetuningTask, FinetuningTaskName, FinetuningTasks } from './task.js'
import { textClassification } from './textClassification.js'
import { tokenClassification } from './tokenClassification.js'

/**
 * The tasks by name.
 *
 * @example
 * finetuningTasks['token-classification'].head // 'token-classification'
 */
export const finetuningTasks: {
  readonly [Name in FinetuningTaskName]: FinetuningTask<
    FinetuningTasks[Name]['example'],
    FinetuningTasks[Name]['feature']
  >
} = {
  'text-classification': textClassification,
  'token-classification': tokenClassification,
  'question-answering': questionAnswering,
  'multiple-choice': multipleChoice,
}

/** A task by its name. */
export type TaskNamed<Name extends FinetuningTaskName> = FinetuningTask<
  FinetuningTasks[Name]['example'],
  FinetuningTasks[Name]['feature']
>

/** @throws {BertkinError} `task-unknown`, naming the known ones */
export function taskNamed<Name extends FinetuningTaskName>(name: Name): TaskNamed<Name> {
  if (Object.hasOwn(finetuningTasks, name)) return finetuningTasks[name] as unknown as TaskNamed<Name>
  const known = Object.keys(finetuningTasks).join(', ')
  throw new BertkinError('task-unknown', `models are not fine-tuned for "${name}"; there are ${known}`)
}
