// A folder for each label with a text in each file: the layout of IMDb, 20 Newsgroups and their like.

import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { listTextFiles, unreadable } from '../listTextFiles.node.js'
import { dataFile } from './dataFile.node.js'
import { DatasetError } from './place.js'
import { listNames, type Row } from './row.js'

/**
 * Reads a folder of folders: rows with the columns `text` (all of a file, without white space around it) and `label` (the
 * folder's name). Labels come in the order of their names, files likewise, subfolders included; only `.txt` files count,
 * and what lies beside the label folders or begins with a dot does not.
 *
 * @throws DatasetError 'data-empty' if there are fewer than two folders with `.txt` files, or a text is empty; BertkinError
 *   'text-missing' if something cannot be read; what `dataFile` throws
 * @example
 * for await (const { fields } of labelFolderRows('reviews')) console.log(fields.get('label')) // reviews/good/1.txt → good
 */
export async function* labelFolderRows(folder: string): AsyncGenerator<Row> {
  const fail = (error: unknown): never => {
    throw unreadable(folder, error)
  }
  const names = (await readdir(folder).catch(fail)).filter((name) => !name.startsWith('.')).sort()
  const labels: string[] = []
  for (const name of names) {
    const path = join(folder, name)
    const info = await stat(path).catch((error: unknown) => {
      throw unreadable(path, error)
    })
    if (info.isDirectory()) labels.push(name)
  }
  if (labels.length < 2) {
    const found = labels.length === 0 ? 'no folder in it' : `only the folder ${listNames(labels)}`
    throw new DatasetError(
      'data-empty',
      `a folder of labelled texts has a folder for each label with .txt files in it; there is ${found}. For another ` +
        'format, name the file.',
      { file: folder },
    )
  }
  for (const label of labels) {
    for (const { path } of await listTextFiles([join(folder, label)])) {
      const text = (await dataFile(path).text()).trim()
      if (text === '') throw new DatasetError('data-empty', 'there is no text in it.', { file: path })
      yield {
        place: { file: path },
        fields: new Map([
          ['text', text],
          ['label', label],
        ]),
      }
    }
  }
}
