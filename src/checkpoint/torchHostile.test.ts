// Files that ask for more than tensors, or claim what is not so: each is refused with one clear error, before anything
// of the claimed size is allocated.

import { describe, expect, it } from 'vitest'
import { bytesSource } from './byteSource.js'
import { CheckpointError } from './error.js'
import { MOST_STEPS } from './pickle.js'
import {
  call,
  dict,
  type EntryToWrite,
  global,
  type Layout,
  legacyBytes,
  orderedDict,
  type Py,
  pickled,
  raw,
  type StorageToWrite,
  stateDict,
  storage,
  tensor,
  torchEntries,
  torchFileBytes,
  tuple,
  type ZipOptions,
  zipBytes,
} from './testing/torchFiles.js'
import { openTorchFile } from './torchFile.js'

const LAYOUTS: readonly Layout[] = ['zip', 'legacy']
const storages: Readonly<Record<string, StorageToWrite>> = {
  '7': { dtype: 'F32', data: Float32Array.from({ length: 24 }, (_, i) => i) },
}
const view = { storage: '7', shape: [24] }
const good = (layout: Layout): Py => stateDict({ w: view }, storages, layout)
const fileOf = (value: Py, layout: Layout, protocol: 2 | 4 = 2): Uint8Array => {
  const file = { storages, value, protocol }
  return layout === 'zip' ? zipBytes(torchEntries(file)) : legacyBytes(file)
}

async function expectRefusal(bytes: Uint8Array, code: string, message: RegExp): Promise<void> {
  const error: unknown = await openTorchFile(bytesSource(bytes), 'm.bin').then(
    () => 'opened',
    (reason: unknown) => reason,
  )
  expect(error).toBeInstanceOf(CheckpointError)
  const { code: actual, message: text } = error as CheckpointError
  expect(text).toMatch(message)
  expect(actual).toBe(code)
  expect(text).toMatch(/^m\.bin .{20,500}\.$/)
}

/** Instructions over and over: more of them than a call takes arguments. */
const repeated = (times: number, ...bytes: readonly number[]): Py => ({
  raw: Array.from({ length: times }, () => bytes).flat(),
})
const ascii = (text: string): number[] => [...Buffer.from(text)]

// ── functions ───────────────────────────────────────────────────────────────────────────────────────────────────────

const ASKS: readonly (readonly [string, Py, string])[] = [
  ['os.system', call('os system', 'touch /tmp/pwned'), 'os.system'],
  ['posix.system', call('posix system', 'id'), 'posix.system'],
  ['builtins.eval', call('builtins eval', '1+1'), 'builtins.eval'],
  ['Python 2’s eval', call('__builtin__ eval', '1+1'), '__builtin__.eval'],
  ['builtins.getattr', call('builtins getattr', global('torch float32'), 'x'), 'builtins.getattr'],
  ['subprocess.Popen', call('subprocess Popen', ['id']), 'subprocess.Popen'],
  ['a name that is not called', dict({ w: global('os system') }), 'os.system'],
  ['a class', { call: global('torch.nn.modules.linear Linear'), args: [2, 2] }, 'torch.nn.modules.linear.Linear'],
  ['a function of torch', call('torch.hub load', 'x'), 'torch.hub.load'],
  ['a sparse tensor', call('torch._utils _rebuild_sparse_tensor', 1), 'torch._utils._rebuild_sparse_tensor'],
  ['numpy', call('numpy.core.multiarray _reconstruct', 1), 'numpy.core.multiarray._reconstruct'],
  ['a name from the prototype', call('constructor constructor'), 'constructor.constructor'],
  ['__proto__', global('__proto__ __proto__'), '__proto__.__proto__'],
  ['INST', raw(0x28, 0x69, ...ascii('os\nsystem\n')), 'os.system'],
  ['INST of what is known', raw(0x28, 0x69, ...ascii('collections\nOrderedDict\n')), 'collections.OrderedDict'],
  ['NEWOBJ', raw(0x63, ...ascii('argparse\nNamespace\n'), 0x29, 0x81), 'argparse.Namespace'],
  ['NEWOBJ_EX', raw(0x63, ...ascii('a\nB\n'), 0x29, 0x7d, 0x92), 'a.B'],
  ['STACK_GLOBAL', raw(0x8c, 2, ...ascii('os'), 0x8c, 6, ...ascii('system'), 0x93), 'os.system'],
  ['a dotted name', raw(0x8c, 8, ...ascii('builtins'), 0x8c, 10, ...ascii('str.format'), 0x93), 'builtins.str.format'],
  ['a name with line breaks', raw(0x8c, 1, 0x0a, 0x8c, 3, ...ascii('a\tb'), 0x93), '"\\\\n.a\\\\tb"'],
  ['a call of a type', call('torch float32', 1), 'a call of torch.float32'],
  ['a call of a storage', call('torch FloatStorage', 8), 'a call of torch.FloatStorage'],
  ['a call of data', { call: 'print', args: ['x'] }, 'a call of plain data'],
  ['BUILD of a tensor', { build: tensor(view, storages, 'zip'), state: dict({ data: 1 }) }, 'a new state of a tensor'],
  ['BUILD of a type', { build: global('torch float32'), state: dict({}) }, 'a new state of torch.float32'],
  ['BUILD of data', { build: [1], state: dict({ x: 1 }) }, 'a new state of plain data'],
  [
    'a function to rebuild by',
    call('torch._tensor _rebuild_from_type_v2', global('os system'), global('torch Tensor'), tuple('id'), null),
    'os.system',
  ],
  [
    'one beside good weights',
    dict({ state_dict: good('zip'), args: call('argparse Namespace') }),
    'argparse.Namespace',
  ],
]

describe.each(ASKS)('a pickle that asks for %s', (title, value, name) => {
  it.each(LAYOUTS)('is refused by name, %s layout', async (layout) => {
    const message = new RegExp(`asks for ${name}, which weights do not need. Nothing in the file was executed`)
    const isZipOnly = name.includes('a tensor') || title.includes('beside')
    await expectRefusal(fileOf(value, isZipOnly ? 'zip' : layout), 'file-unsafe', message)
  })
})

it('a pickle that is not of torch.save, but asks all the same', async () => {
  await expectRefusal(pickled(call('os system', 'id')), 'file-unsafe', /os\.system/)
})

// ── pickles ─────────────────────────────────────────────────────────────────────────────────────────────────────────

const rebuild = (...args: readonly Py[]): Py =>
  dict({ w: call('torch._utils _rebuild_tensor_v2', storage('7', storages['7']!, 'zip'), ...args, false, orderedDict) })
const held = (...items: readonly Py[]): Py => dict({ w: { persistent: tuple(...items) } })

const PICKLES: readonly (readonly [string, Py, RegExp])[] = [
  ['no instruction', raw(0xff), /0xff at byte \d+/],
  ['an instruction of protocol 0', raw(0x49, 0x31, 0x0a), /instruction 0x49/],
  ['DUP', raw(0x4e, 0x32), /instruction 0x32/],
  ['an extension code', raw(0x82, 1), /instruction 0x82/],
  ['protocol 9', raw(0x80, 9, 0x4e), /version 9/],
  ['an empty stack', raw(0x30), /instruction/],
  ['an early end', raw(0x2e), /empty stack/],
  ['values left over', raw(0x4e, 0x4e), /ends within a value/],
  ['an open mark', raw(0x28, 0x4e), /ends within a value|empty stack/],
  ['a tuple without a mark', raw(0x74), /did not begin/],
  ['a tuple below a mark', raw(0x4e, 0x4e, 0x28, 0x86), /empty stack/],
  ['a value that was never stored', raw(0x68, 5), /repeats value 5/],
  ['storing nothing', raw(0x71, 5), /empty stack/],
  ['appending to a dictionary', raw(0x7d, 0x4e, 0x61), /appends to what is no list/],
  ['appending to a tuple', raw(0x29, 0x4e, 0x61), /appends to what is no list/],
  ['items of a list', raw(0x5d, 0x4e, 0x4e, 0x73), /items of what is no dictionary/],
  ['a key without a value', raw(0x7d, 0x28, 0x4e, 0x75), /a key without a value/],
  ['a text that is not UTF-8', raw(0x58, 1, 0, 0, 0, 0xff), /not UTF-8/],
  ['a number of 65 bytes', raw(0x8a, 65, ...new Array<number>(65).fill(1)), /a number of 65 bytes/],
  ['a number of 2^32 - 1 bytes', raw(0x8b, 0xff, 0xff, 0xff, 0xff), /a number of 4294967295 bytes/],
  ['an endless name', raw(0x63, ...new Array<number>(5000).fill(0x61)), /longer than 1000 bytes/],
  ['a name that is a number', raw(0x4b, 1, 0x4b, 2, 0x93), /whose name is no text/],
  ['arguments that are a list', raw(0x63, ...ascii('collections\nOrderedDict\n'), 0x5d, 0x52), /no arguments/],
  ['keyword arguments', raw(0x4e, 0x29, 0x7d, 0x4e, 0x4e, 0x73, 0x92), /arguments that weights do not use/],
  ['many empty tuples', repeated(500_000, 0x29), /ends within a value/],
  ['too many instructions', repeated(MOST_STEPS + 1, 0x29), /more than 1000000 instructions/],
  // Each level holds the one before it twice: 2^1000 values, if one went through them.
  ['an exponential structure', { tuple: [raw(0x29), repeated(1000, 0x71, 0, 0x68, 0, 0x86)] }, /no state dict/],
  ['deep nesting', { tuple: [raw(0x29), repeated(200_000, 0x85)] }, /no state dict/],
  [
    'deep nesting of lists',
    raw(0x5d, ...new Array<number>(5).fill(0x5d), ...new Array<number>(5).fill(0x61)),
    /no state/,
  ],
  ['a list in itself', raw(0x5d, 0x71, 0, 0x68, 0, 0x61), /no state dict/],
  ['a dictionary in itself', raw(0x7d, 0x71, 0, 0x58, 5, 0, 0, 0, ...ascii('model'), 0x68, 0, 0x73), /no state dict/],
  ['a pair of three', call('collections OrderedDict', [tuple('a', 1, 2)]), /no pairs/],
  ['an ordered number', call('collections OrderedDict', 5), /no pairs/],
  [
    'two tensors of one name',
    raw(...pickled(good('zip')).slice(2, -1), 0x58, 1, 0, 0, 0, 0x77, 0x4e, 0x73),
    /"w" occurs twice/,
  ],
  [
    'a rebuilding of rebuildings',
    call('torch._tensor _rebuild_from_type_v2', global('torch._tensor _rebuild_from_type_v2'), null, tuple(), null),
    /no arguments/,
  ],
  ['a parameter of nothing', call('torch._utils _rebuild_parameter', 1, true, orderedDict), /has no tensor/],
  ['a tensor of nothing', call('torch._utils _rebuild_tensor_v2', 1, 0, tuple(1), tuple(1)), /no storage/],
  ['a tensor of no arguments', call('torch._utils _rebuild_tensor_v2'), /no storage/],

  ['an offset beyond the storage', rebuild(1, tuple(24), tuple(1)), /reaches beyond its storage of 96 bytes/],
  ['a negative offset', rebuild(-1, tuple(2), tuple(1)), /the offset of a tensor is -1/],
  ['a fractional offset', rebuild(0.5, tuple(2), tuple(1)), /the offset of a tensor is 0.5/],
  ['an offset of 2^60', rebuild(2 ** 60, tuple(2), tuple(1)), /the offset of a tensor is 115292150460684\d+/],
  ['an offset that is a text', rebuild('0', tuple(2), tuple(1)), /the offset of a tensor is no number/],
  ['a negative size', rebuild(0, tuple(-2), tuple(1)), /the shape of a tensor is -2/],
  ['two negative sizes', rebuild(0, tuple(-2, -2), tuple(1, 1)), /the shape of a tensor is -2/],
  ['a shape that is a number', rebuild(0, 24, tuple(1)), /the shape of a tensor is no tuple/],
  ['a negative stride', rebuild(23, tuple(24), tuple(-1)), /the strides of a tensor is -1|strides/],
  ['a stride beyond the storage', rebuild(0, tuple(2), tuple(24)), /reaches beyond/],
  ['a stride of 2^52', rebuild(0, tuple(2 ** 26, 2 ** 26), tuple(2 ** 52, 2 ** 52)), /reaches beyond/],
  ['too few strides', rebuild(0, tuple(2, 2), tuple(1)), /2 dimensions, but 1 strides/],
  ['65 dimensions', rebuild(0, tuple(...new Array<Py>(65).fill(1)), tuple(1)), /65 dimensions/],
  ['sizes whose product is 2^54', rebuild(0, tuple(2 ** 27, 2 ** 27), tuple(0, 0)), /impossible shape/],
  ['2^53 - 1 elements', rebuild(0, tuple(2 ** 53 - 1), tuple(1)), /reaches beyond/],
  ['2^40 elements of one', rebuild(0, tuple(2 ** 40), tuple(0)), /expands 96 bytes to 4398046511104/],
  ['2^25 elements of 24', rebuild(0, tuple(2 ** 25, 24), tuple(0, 1)), /expands 96 bytes/],
  ['no elements, but at a place', rebuild(25, tuple(0), tuple(1)), /reaches beyond/],

  ['an object outside that is no storage', held('module', null, 'x', 'y'), /no storage/],
  ['an object outside of no kind', dict({ w: { persistent: 5 } }), /no storage/],
  ['a storage of no class', held('storage', 'FloatStorage', '7', 'cpu', 24), /no storage/],
  ['a storage without a name', held('storage', global('torch FloatStorage'), null, 'cpu', 24), /no name/],
  [
    'a storage of -1 elements',
    held('storage', global('torch FloatStorage'), '7', 'cpu', -1),
    /length of a storage is -1/,
  ],
  [
    'a storage of 2^60 elements',
    held('storage', global('torch FloatStorage'), '7', 'cpu', 2 ** 60),
    /length of a storage/,
  ],
  [
    'a storage that is not there',
    held('storage', global('torch FloatStorage'), '../7', 'cpu', 2),
    /"..\/7" is missing/,
  ],
  ['a storage longer than it is', held('storage', global('torch FloatStorage'), '7', 'cpu', 25), /needs 100 bytes/],
  [
    'a storage of __proto__',
    held('storage', global('torch FloatStorage'), '__proto__', 'cpu', 2),
    /"__proto__" is missing/,
  ],
  [
    'a storage of two lengths',
    dict({
      ...{ v: storage('7', storages['7']!, 'zip') },
      w: { persistent: tuple('storage', global('torch FloatStorage'), '7', 'cpu', 23) },
    }),
    /two lengths/,
  ],
]

const manyStorages = (count: number): Py => ({
  tuple: Array.from({ length: count }, (_, i) => ({
    persistent: tuple('storage', global('torch ByteStorage'), String(i), 'cpu', 0),
  })),
})

describe('pickles', () => {
  it('of more storages than weights have', async () => {
    await expectRefusal(fileOf(manyStorages(50_001), 'zip'), 'file-malformed', /more than 50000 storages/)
  })

  it.each(PICKLES)('%s', async (_, value, message) => {
    await expectRefusal(fileOf(value, 'zip'), 'file-malformed', message)
  })

  it.each(PICKLES)('%s, older layout', async (title, value, message) => {
    // What is not a torch.save of the storages is refused for one reason or the other.
    const other = /lists storage "7"|is missing|reaches beyond|two lengths|cut off/
    const reason = new RegExp(`${message.source}|${other.source}`)
    await expectRefusal(fileOf(value, 'legacy'), title.includes('longer') ? 'file-truncated' : 'file-malformed', reason)
  })

  it.each([
    ['complex numbers', 'torch ComplexFloatStorage'],
    ['quantized numbers', 'torch QInt8Storage'],
  ])('of %s', async (_, type) => {
    await expectRefusal(
      fileOf(held('storage', global(type), '7', 'cpu', 24), 'zip'),
      'dtype-unsupported',
      /torch\.\w+Sto/,
    )
  })

  it('of 8-bit floats, and of negated views', async () => {
    const stored = storage('7', storages['7']!, 'zip')
    const args = [0, tuple(2), tuple(1), false, orderedDict]
    const float8 = call('torch._utils _rebuild_tensor_v3', stored, ...args, global('torch float8_e5m2'))
    await expectRefusal(fileOf(dict({ w: float8 }), 'zip'), 'dtype-unsupported', /torch\.float8_e5m2/)
    const negated = call('torch._utils _rebuild_tensor_v2', stored, ...args, dict({ neg: true, conj: false }))
    await expectRefusal(fileOf(dict({ w: negated }), 'zip'), 'dtype-unsupported', /negated/)
    const plain = call('torch._utils _rebuild_tensor_v2', stored, ...args, dict({ neg: false }))
    expect((await openTorchFile(bytesSource(fileOf(dict({ w: plain }), 'zip')))).tensors.size).toBe(1)
  })
})

// ── archives ────────────────────────────────────────────────────────────────────────────────────────────────────────

const entries = torchEntries({ storages, value: good('zip') })
const changed = (name: string, change: Partial<EntryToWrite>): EntryToWrite[] =>
  entries.map((entry) => (entry.name.endsWith(name) ? { ...entry, ...change } : entry))
const archive = (list: readonly EntryToWrite[], options?: ZipOptions): Uint8Array => zipBytes(list, options)
const edited = (edit: (bytes: Uint8Array, view: DataView) => void, options?: ZipOptions): Uint8Array => {
  const bytes = archive(entries, options)
  edit(bytes, new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength))
  return bytes
}
const END = 22
const LOCATOR = END + 20
const END_64 = LOCATOR + 56
const NOTHING = new Uint8Array(0)
const join = (...parts: readonly Uint8Array[]): Uint8Array => new Uint8Array(Buffer.concat(parts))

const ARCHIVES: readonly (readonly [string, Uint8Array, RegExp])[] = [
  ['a compressed entry', archive(changed('data/7', { method: 8 })), /"archive\/data\/7" is compressed/],
  ['a compressed pickle', archive(changed('data.pkl', { method: 8 })), /is compressed/],
  ['an encrypted entry', archive(changed('data/7', { flags: 1 })), /is encrypted/],
  ['an entry of 2^60 bytes', archive(changed('data/7', { wide: true, claims: { length: 2n ** 60n } })), /overlaps/],
  ['a pickle of 2^60 bytes', archive(changed('data.pkl', { wide: true, claims: { length: 2n ** 60n } })), /overlaps/],
  ['an entry of 2^64 - 1 bytes', archive(changed('data/7', { wide: true, claims: { length: -1n } })), /overlaps/],
  ['an entry at 2^60', archive(changed('data/7', { wide: true, claims: { headerOffset: 2n ** 60n } })), /beyond/],
  ['an entry one byte too long', archive(changed('data/7', { claims: { length: 200 } }), { alignment: 1 }), /overlaps/],
  ['an entry one byte too short', archive(changed('data/7', { claims: { length: 95 } })), /needs 96 bytes, but has 95/],
  ['an entry over another', archive(changed('data/7', { claims: { headerOffset: 0 } })), /overlaps|not where/],
  ['an entry elsewhere', archive(changed('version', { claims: { headerOffset: 5 } })), /overlaps/],
  ['a wide field that is missing', archive(changed('data/7', { claims: { length: -1 } })), /contradicts itself/],
  ['two entries of one name', archive([...entries, entries.at(-1)!]), /two entries "archive\/version"/],
  ['two pickles', archive([...entries, { ...entries[0]!, name: 'other/data.pkl' }]), /"archive\/data\.pkl" and/],
  ['no pickle', archive(entries.slice(1)), /without a data\.pkl/],
  ['a pickle in no folder', archive(changed('data.pkl', { name: 'data.pkl' })), /without a data\.pkl/],
  ['no storage', archive(entries.filter(({ name }) => !name.endsWith('7'))), /storage "7" is missing/],
  [
    'a TorchScript program',
    archive([...entries, { name: 'archive/constants.pkl', data: Uint8Array.of(1) }]),
    /TorchScript/,
  ],
  ['no entries', archive([]), /neither a ZIP/],
  [
    'an unknown byte order',
    archive(changed('byteorder', { data: Uint8Array.from(ascii('middle')) })),
    /byte order is "mid/,
  ],
  ['a long byte order', archive(changed('byteorder', { data: new Uint8Array(1000) })), /has 1000 bytes/],
  ['a damaged pickle', archive(changed('data.pkl', { claims: { crc: 1 } })), /data\.pkl" is damaged/],
  [
    'a pickle and more',
    archive(changed('data.pkl', { data: join(pickled(good('zip')), Uint8Array.of(1)) })),
    /follows it/,
  ],
  ['half a pickle', archive(changed('data.pkl', { data: pickled(good('zip')).slice(0, 50) })), /cut off/],
  ['an empty pickle', archive(changed('data.pkl', { data: new Uint8Array(0) })), /cut off/],
  [
    'bytes before it',
    join(Uint8Array.from([...ascii('PK\x03\x04'), 0]), archive(entries)),
    /not where it says|damaged/,
  ],
  ['bytes after it', join(archive(entries), Uint8Array.of(0)), /its end is missing/],
  ['the end cut off', archive(entries).slice(0, -1), /its end is missing/],
  ['another local name', edited((bytes) => bytes.set([0x78], 30)), /not where its directory says/],
  ['a compressed local header', edited((bytes) => bytes.set([8], 8)), /not where its directory says/],
  ['a local header with much padding', edited((_, view) => view.setUint16(28, 60_000, true)), /overlaps/],
  [
    'more entries than there are',
    edited((bytes, view) => view.setUint16(bytes.length - END + 10, 9, true), { zip64: false }),
    /has 4 entries, but claims 9/,
  ],
  [
    'ends that contradict each other',
    edited((bytes, view) => view.setUint16(bytes.length - END + 10, 9, true)),
    /contradict each other/,
  ],
  [
    'a directory of 2^60 bytes',
    edited((bytes, view) => {
      view.setUint32(bytes.length - END + 12, 0xffffffff, true)
      view.setBigUint64(bytes.length - END_64 + 40, 2n ** 60n, true)
    }),
    /not where it says/,
  ],
  [
    '2^60 entries',
    edited((bytes, view) => {
      view.setUint16(bytes.length - END + 10, 0xffff, true)
      view.setBigUint64(bytes.length - END_64 + 32, 2n ** 60n, true)
    }),
    /has 4 entries, but claims 115292150460684\d+/,
  ],
  [
    'an end record at 2^60',
    edited((bytes, view) => view.setBigUint64(bytes.length - LOCATOR + 8, 2n ** 60n, true)),
    /not where it says/,
  ],
  ['no end record', edited((bytes, view) => view.setUint32(bytes.length - END_64, 0, true)), /not where it says/],
]

describe('archives', () => {
  it('of more entries than weights have', async () => {
    const more = Array.from({ length: 65_000 }, (_, i) => ({ name: `archive/data/x${i}`, data: NOTHING }))
    const bytes = archive([...entries, ...more], { alignment: 1 })
    await expectRefusal(bytes, 'file-malformed', /its directory claims \d{7} bytes/)
  })

  it.each(ARCHIVES)('%s', async (_, bytes, message) => {
    await expectRefusal(bytes, `${message}`.includes('its end') ? 'file-truncated' : 'file-malformed', message)
  })
})

// ── the older layout ────────────────────────────────────────────────────────────────────────────────────────────────

describe('the older layout', () => {
  const file = { storages, value: good('legacy') }
  const bytes = legacyBytes(file)
  const lengthAt = bytes.length - 24 * 4 - 8
  const withLength = (length: bigint): Uint8Array => {
    const copy = bytes.slice()
    new DataView(copy.buffer).setBigInt64(lengthAt, length, true)
    return copy
  }
  const wrongMagic = (): Uint8Array => {
    const copy = bytes.slice()
    copy[5] = 0
    return copy
  }
  const wrongVersion = (): Uint8Array => {
    const copy = bytes.slice()
    copy[16 + 1 + 1] = 0
    return copy
  }

  it.each<[string, Uint8Array, string, RegExp]>([
    ['another magic number', wrongMagic(), 'file-malformed', /not of torch\.save/],
    ['another version', wrongVersion(), 'file-malformed', /unknown version/],
    ['a plain pickle', pickled(dict({ a: 1 })), 'file-malformed', /not of torch\.save/],
    ['storages cut off', bytes.slice(0, -1), 'file-truncated', /cut off: \d+ bytes are needed, it has \d+/],
    ['no storages', bytes.slice(0, lengthAt), 'file-truncated', /cut off/],
    ['half a pickle', bytes.slice(0, 100), 'file-truncated', /cut off within its pickles/],
    ['bytes after it', join(bytes, Uint8Array.of(0)), 'file-malformed', /1 unused bytes follow/],
    ['a storage of 23', withLength(23n), 'file-malformed', /"7" has 23 elements, but should have 24/],
    ['a storage of -1', withLength(-1n), 'file-malformed', /has -1 elements/],
    ['a storage of 2^62', withLength(2n ** 62n), 'file-malformed', /has 4611686018427387904 elements/],
    ['a storage that is not listed', legacyBytes(file, { keys: [] }), 'file-malformed', /"7" is missing/],
    ['a storage listed twice', legacyBytes(file, { keys: ['7', '7'] }), 'file-malformed', /it has already/],
    ['another storage', legacyBytes(file, { keys: ['8'] }), 'file-malformed', /"8", which no tensor uses/],
    [
      'keys that are no list',
      legacyBytes({ ...file, value: 5 }, { keys: [dict({})] }),
      'file-malformed',
      /no tensor uses/,
    ],
  ])('%s', async (_, content, code, message) => {
    await expectRefusal(content, code, message)
  })
})

describe('what else is called pytorch_model.bin', () => {
  const tar = new Uint8Array(1024)
  tar.set(ascii('storages'))
  tar.set(ascii('ustar'), 257)
  const safetensors = join(
    new Uint8Array(new BigUint64Array([20n]).buffer),
    Uint8Array.from(ascii('{"a": 1}            ')),
  )
  it.each<[string, Uint8Array, string, RegExp]>([
    ['nothing', new Uint8Array(0), 'file-truncated', /only 0 bytes/],
    ['3 bytes', Uint8Array.of(1, 2, 3), 'file-truncated', /only 3 bytes/],
    [
      'a Git LFS pointer',
      Uint8Array.from(ascii('version https://git-lfs.github.com/spec/v1\n')),
      'file-malformed',
      /git lfs/,
    ],
    ['a page', Uint8Array.from(ascii('<!doctype html>')), 'file-malformed', /web page/],
    ['a tar archive', tar, 'file-malformed', /before 0\.1\.10/],
    ['a safetensors file', safetensors, 'file-malformed', /name it model\.safetensors/],
    ['noise', Uint8Array.from(ascii('what is this?')), 'file-malformed', /neither a ZIP archive nor a pickle/],
  ])('%s', async (_, content, code, message) => {
    await expectRefusal(content, code, message)
  })
})

it.each(LAYOUTS)('every beginning of a file is refused, %s layout', async (layout) => {
  const bytes = torchFileBytes({ w: view, v: { storage: '7', shape: [2] } }, storages, layout)
  for (let length = 0; length < bytes.length; length++) {
    await expectRefusal(bytes.slice(0, length), 'file-truncated', /./)
  }
  expect((await openTorchFile(bytesSource(bytes))).tensors.size).toBe(2)
})
