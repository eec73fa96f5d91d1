import type { Compilable, CompiledQuery, Kysely } from 'kysely'
import type { Reader } from './reader.ts'

/** Stands where a parameter will be, while the statement is compiled. */
class Slot {
  readonly name: string
  constructor(name: string) {
    this.name = name
  }
}

type Bind = (given: object) => unknown
type Prepared = { readonly query: CompiledQuery; readonly binds: readonly Bind[] }

/**
 * Prepares a statement of the hot path: it is built and compiled once for each open database, and then only run.
 *
 * Building a statement and writing it as text takes longer than SQLite takes to run it. The statement has to be the
 * same whatever the parameters are, and each of them is given every time: what depends on them (a list of unknown
 * length, a condition that may be left out) is built each time, as everywhere else.
 *
 * @example
 * const selectById = prepare((db, { org, id }: { org: OrgId; id: UserId }) =>
 *   db.selectFrom('person').selectAll().where('org_id', '=', org).where('id', '=', id),
 * )
 * const [row] = await selectById(db, { org, id })
 */
export function prepare<Parameters extends object, Row>(
  build: (db: Reader, parameters: Parameters) => Compilable<Row>,
): (db: Reader, parameters: Parameters) => Promise<readonly Row[]> {
  const known = new WeakMap<object, Prepared>()
  return async (db, parameters) => {
    const executor = (db as Kysely<unknown>).getExecutor()
    // Plugins look at each statement as it is built, so that they see this one as often as it is run.
    if (executor.plugins.length > 0) return (await db.executeQuery(build(db, parameters))).rows
    let prepared = known.get(executor.adapter)
    if (!prepared) {
      prepared = compile(db, build, parameters)
      known.set(executor.adapter, prepared)
    }
    const { query, binds } = prepared
    const bound = { ...query, parameters: binds.map((bind) => bind(parameters)) }
    // Without the rest of Kysely's way to a connection, which is there for plugins and streams.
    return (await executor.provideConnection((connection) => connection.executeQuery<Row>(bound))).rows
  }
}

function compile<Parameters extends object, Row>(
  db: Reader,
  build: (db: Reader, parameters: Parameters) => Compilable<Row>,
  parameters: Parameters,
): Prepared {
  const slots = Object.fromEntries(Object.keys(parameters).map((name) => [name, new Slot(name)])) as Parameters
  const query = build(db, slots).compile()
  const binds = query.parameters.map((parameter): Bind => {
    if (!(parameter instanceof Slot)) return () => parameter
    return (given) => Reflect.get(given, parameter.name)
  })
  return { query, binds }
}
