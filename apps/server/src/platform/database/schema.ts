/**
 * The tables, as Kysely sees them. Each record room adds its own by declaration merging beside its SQL:
 *
 * ```ts
 * declare module '../../platform/database/schema.ts' { interface Schema { user: UserTable } }
 * ```
 */
export interface Schema {
  migration: { name: string; applied_at: number }
}
