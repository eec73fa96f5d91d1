/**
 * Transactions: attempts to sign in, from the first page to success, one row with a version for each.
 *
 * Owns: the `sign_in_transaction` table: the handle (its hash only), what the handle is bound to, and the rule that a
 * change must know the version that it changes.
 * Does not own: the state inside, which is JSON here and has its meaning in `sign-in`; challenges
 * (`records/ceremonies`).
 */
export {
  findTransaction,
  insertTransaction,
  type NewTransaction,
  removeExpiredTransactions,
  removeTransaction,
  saveTransaction,
} from './store.ts'
export type { StoredTransaction, TransactionId } from './transaction.ts'
