import type { Contender } from './contender.ts'
import { startLatchkey } from './latchkey.ts'
import type { Pinning } from './machine.ts'
import { startPeer } from './peer.ts'

/** One thing of each that are compared. */
export type Pair<T> = { readonly ours: T; readonly theirs: T }

/** Always in this order, round by round, so that whatever else the machine does meets both. */
export const sides = ['ours', 'theirs'] as const

export async function both<From, To>(pair: Pair<From>, make: (one: From) => Promise<To>): Promise<Pair<To>> {
  const ours = await make(pair.ours)
  return { ours, theirs: await make(pair.theirs) }
}

/** Starts Latchkey and oidc-provider for the length of a piece of work. */
export async function withContenders<T>(pinning: Pinning, work: (pair: Pair<Contender>) => Promise<T>): Promise<T> {
  const ours = await startLatchkey({ pinning })
  try {
    const theirs = await startPeer(pinning)
    try {
      return await work({ ours, theirs })
    } finally {
      await theirs.close()
    }
  } finally {
    await ours.close()
  }
}
