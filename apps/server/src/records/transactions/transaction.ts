import type { Brand } from '../../platform/brand.ts'

export type TransactionId = Brand<string, 'TransactionId'>

/** `State` is the engine's: what it put in comes out. */
export type StoredTransaction<State extends object> = {
  readonly id: TransactionId
  /** Grows by one with every change. */
  readonly version: number
  /** What must come with the handle, since a handle alone can be stolen or planted. */
  readonly boundTo: string
  readonly state: State
  readonly createdAt: number
  readonly expiresAt: number
}
