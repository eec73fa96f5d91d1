import type { CompiledQuery } from 'kysely'
import { errors, retrySoon } from './errors.ts'
import { type Link, type Links, onlyReads } from './link.ts'
import { createSqliteFile, openReader, openWriter, type SqliteConnection } from './sqlite-connection.ts'
import {
  closeTurns,
  createTurns,
  keepTurn,
  runInTurn,
  type Turn,
  type TurnOptions,
  type Turns,
  takeTurn,
  undoTurn,
} from './sqlite-turns.ts'

/** Opens the file with one connection that writes and one that reads. */
export function openSqlite(path: string, options: TurnOptions): Links {
  createSqliteFile(path)
  const writer = openWriter(path)
  const reader = openReader(path)
  const turns = createTurns(writer, options)
  const uses = countUses()
  return {
    async acquire() {
      if (uses.isClosed()) throw errors.database_closed({ details: retrySoon })
      return createLink(reader, turns, uses.begin())
    },
    statistics: () => ({ ...turns.counts, waiting: turns.waiting.length }),
    async close() {
      if (uses.isClosed()) return
      await uses.close()
      closeTurns(turns)
      // The last to close tidies the write-ahead log away, and a read-only connection could not.
      reader.close()
      writer.close()
    },
  }
}

/** Knows who still uses the connections, so that closing waits for their answers. */
function countUses() {
  let count = 0
  let unused: (() => void) | undefined
  const end = (): void => {
    count -= 1
    if (count === 0) unused?.()
  }
  return {
    isClosed: () => unused !== undefined,
    begin(): () => void {
      count += 1
      return end
    },
    close: () =>
      new Promise<void>((resolve) => {
        unused = resolve
        if (count === 0) resolve()
      }),
  }
}

function createLink(reader: SqliteConnection, turns: Turns, ended: () => void): Link {
  let turn: Turn | undefined
  const give = (): Turn | undefined => {
    const given = turn
    turn = undefined
    return given
  }
  const undo = (): void => {
    const given = give()
    if (given) undoTurn(turns, given)
  }
  return {
    async run(query) {
      if (turn) return runInTurn(turns, turn, query)
      return onlyReads(query.query, query.sql) ? reader.run(query) : await runAlone(turns, query)
    },
    async begin() {
      turn = await takeTurn(turns)
    },
    async commit() {
      const given = give()
      if (given) await keepTurn(turns, given)
    },
    async rollback() {
      undo()
    },
    release() {
      undo()
      ended()
    },
  }
}

/** A statement on its own is a transaction of one statement, and shares its commit like any other. */
async function runAlone<Row>(turns: Turns, query: CompiledQuery) {
  const turn = await takeTurn(turns)
  const result = runOrUndo<Row>(turns, turn, query)
  await keepTurn(turns, turn)
  return result
}

function runOrUndo<Row>(turns: Turns, turn: Turn, query: CompiledQuery) {
  try {
    return runInTurn<Row>(turns, turn, query)
  } catch (thrown) {
    undoTurn(turns, turn)
    throw thrown
  }
}
