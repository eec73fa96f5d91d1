import { type CborMap, decodeCbor } from '../../src/cbor.ts'
import type { AttestationPolicy } from '../../src/index.ts'
import { encodeCbor } from '../../src/testing/index.ts'
import { inner, type Json, registerVector, text, type Vector } from '../kit.ts'

/** Registers a vector of the specification, after a change to its statement. */
export async function registerStatement(
  vector: Vector,
  statement: (statement: CborMap) => CborMap = (unchanged) => unchanged,
  policy?: AttestationPolicy,
) {
  return await registerVector(vector, (json) => changeStatement(json, statement), policy)
}

function changeStatement(json: Json, change: (statement: CborMap) => CborMap): Json {
  const object = decodeCbor(Buffer.from(text(json.response.attestationObject), 'base64url'))
  const statement = object instanceof Map ? object.get('attStmt') : undefined
  if (!(object instanceof Map) || !(statement instanceof Map)) throw new TypeError('no statement')
  object.set('attStmt', change(statement))
  return inner('attestationObject', Buffer.from(encodeCbor(object)).toString('base64url'))(json)
}

/** Turns the last bit of one byte of a member. */
export function turned(name: string, offset: number): (statement: CborMap) => CborMap {
  return (statement) => {
    const member = statement.get(name)
    if (!(member instanceof Uint8Array)) throw new TypeError(`no ${name}`)
    const copy = Uint8Array.from(member)
    copy.set([(copy.at(offset) ?? 0) ^ 1], offset < 0 ? copy.byteLength + offset : offset)
    return new Map([...statement, [name, copy]])
  }
}
