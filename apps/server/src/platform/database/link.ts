import type { CompiledQuery, QueryResult, RootOperationNode, TransactionSettings } from 'kysely'

/**
 * One caller's hold on the database, from the moment Kysely asks for a connection until it gives it back.
 *
 * Each dialect makes its own; what is the same for both (deadlines, writes in the wrong place) stands in `scope.ts`.
 */
export type Link = {
  /** Before `begin`, a statement on its own; after it, a part of the transaction. */
  run<Row>(query: CompiledQuery): Promise<QueryResult<Row>>
  begin(settings: TransactionSettings): Promise<void>
  /** Resolves once the change is durable. */
  commit(): Promise<void>
  rollback(): Promise<void>
  /** Undoes a transaction that is still open, which its work may not know yet. */
  release(): void
}

/** Where links come from. */
export type Links = {
  acquire(): Promise<Link>
  close(): Promise<void>
  statistics(): DatabaseStatistics
}

/** Counted since the database was opened. */
export type DatabaseStatistics = {
  /** Transactions kept, statements outside a transaction that write included. */
  readonly transactions: number
  /** Commits that kept them; on SQLite fewer, because transactions that wait at the same time share one. */
  readonly commits: number
  readonly rollbacks: number
  /** Who waits now: for the writer's turn on SQLite, for a connection on PostgreSQL. */
  readonly waiting: number
}

/** Tells whether a statement only reads. Unsure means no: it then goes to the writer, which can do both. */
export function onlyReads(query: RootOperationNode, text: string): boolean {
  if (query.kind === 'SelectQueryNode') return true
  return query.kind === 'RawNode' && /^\s*(select|values|explain)\b/i.test(text)
}
