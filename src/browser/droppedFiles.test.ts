// Folders that people give: lists of files, drops, directories, as browsers have them.

import { expect, it } from 'vitest'
import { folderOfFiles } from '../checkpoint/index.js'
import { filesOfDirectory, filesOfDrop, filesOfList } from './droppedFiles.js'

const file = (path: string, text = path): File =>
  Object.assign(new File([text], path.split('/').at(-1)!), { webkitRelativePath: path.includes('/') ? path : '' })

/** An entry of a drop. Directories give two of what is in them at a time, as browsers give a hundred. */
function entry(name: string, content: File | readonly object[]): object {
  if (content instanceof File) return { name, isFile: true, file: (done: (file: File) => void) => done(content) }
  return {
    name,
    isFile: false,
    createReader: () => {
      let at = 0
      return {
        readEntries(done: (some: readonly object[]) => void) {
          at += 2
          done(content.slice(at - 2, at))
        },
      }
    },
  }
}

const drop = (...entries: object[]): DataTransfer =>
  ({ items: entries.map((one) => ({ webkitGetAsEntry: () => one })) }) as unknown as DataTransfer

it('are a folder by the names that a picker gives', async () => {
  const set = filesOfList([file('mine/config.json', '{}'), file('mine/generator/model.safetensors')])
  expect(set.name).toBe('mine')
  expect(Object.keys(set.files)).toEqual(['config.json', 'generator/model.safetensors'])
  expect(await folderOfFiles(set).readText('config.json')).toBe('{}')
})

it('are files alone, if no folder was picked', () => {
  expect(filesOfList([file('config.json'), file('vocab.txt')])).toMatchObject({
    name: 'the files that were given',
    files: { 'config.json': expect.any(File), 'vocab.txt': expect.any(File) },
  })
})

it('are a folder that was dropped, however many files it has', async () => {
  const inner = [
    entry('a', file('a')),
    entry('b', file('b')),
    entry('c', file('c')),
    entry('d', [entry('e', file('e'))]),
  ]
  const set = await filesOfDrop(drop(entry('run', inner)))
  expect(set.name).toBe('run')
  expect(Object.keys(set.files)).toEqual(['a', 'b', 'c', 'd/e'])
})

it('are a directory that was opened', async () => {
  const handle = (name: string, inner: readonly object[]): object => ({
    ...{ name, kind: 'directory' },
    async *[Symbol.asyncIterator]() {
      for (const one of inner) yield [(one as { name: string }).name, one]
    },
  })
  const leaf = (name: string): object => ({ name, kind: 'file', getFile: async () => file(name) })
  const root = handle('run', [leaf('config.json'), handle('discriminator', [leaf('vocab.txt')])])
  const set = await filesOfDirectory(root as unknown as FileSystemDirectoryHandle)
  expect(set.name).toBe('run')
  expect(Object.keys(set.files)).toEqual(['config.json', 'discriminator/vocab.txt'])
})

it('are refused if there are none, or thousands', async () => {
  expect(() => filesOfList([])).toThrow(/there are no files/)
  expect(() => filesOfList(Array.from({ length: 5001 }, (_, i) => file(`${i}`)))).toThrow(/more than 5000 files/)
  const many = Array.from({ length: 6000 }, (_, i) => entry(`${i}`, file(`${i}`)))
  await expect(filesOfDrop(drop(entry('home', many)))).rejects.toMatchObject({ code: 'option-invalid' })
})

it('cannot lead out of their folder', async () => {
  const folder = folderOfFiles(filesOfList([file('config.json')]))
  await expect(folder.open('../secret')).rejects.toMatchObject({ code: 'file-read' })
  expect(await folder.open('constructor')).toBeUndefined()
})
