// What a room is: something that fills the page, and can be left.

import type { Engine } from './engine.js'
import { UrlState, type Values } from './urlState.js'

export interface RoomContext {
  /** Runs models, in a worker. */
  readonly engine: Engine
  /** Told to screen readers; what is seen needs no announcement. */
  announce(text: string): void
}

/** Fills the page; gives back what is to be done when the room is left, if anything is. */
export type MountRoom = (page: HTMLElement, context: RoomContext) => (() => void) | undefined

/** A room in the navigation. Its code is loaded when it is entered. */
export interface RoomEntry {
  readonly id: string
  readonly title: string
  /** Whose colour it has. */
  readonly kin: 'bert' | 'albert' | 'roberta' | 'electra' | 'spanbert'
  load(): Promise<{ readonly mount: MountRoom }>
}

export const rooms: readonly RoomEntry[] = [
  { id: '', title: 'Start', kin: 'bert', load: () => import('./rooms/home.js') },
  { id: 'tokens', title: 'Tokens', kin: 'bert', load: () => import('./rooms/tokens/index.js') },
  { id: 'roberta', title: 'RoBERTa', kin: 'roberta', load: () => import('./rooms/roberta/index.js') },
  { id: 'albert', title: 'ALBERT', kin: 'albert', load: () => import('./rooms/albert/index.js') },
  { id: 'electra', title: 'ELECTRA', kin: 'electra', load: () => import('./rooms/electra/index.js') },
  { id: 'spanbert', title: 'SpanBERT', kin: 'spanbert', load: () => import('./rooms/spanbert/index.js') },
  { id: 'attention', title: 'Attention', kin: 'bert', load: () => import('./rooms/attention/index.js') },
  { id: 'train', title: 'Train', kin: 'bert', load: () => import('./rooms/train/index.js') },
]

export const stateOf = <T extends Values>(room: string, defaults: T): UrlState<T> => new UrlState(room, defaults)
