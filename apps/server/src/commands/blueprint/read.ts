import { readFileSync } from 'node:fs'
import { BlueprintError } from './errors.ts'
import { type Blueprint, parseBlueprint } from './schema.ts'

/** Reads a blueprint file. @throws {BlueprintError} naming the file or the place in it */
export function readBlueprint(file: string): Blueprint {
  return parseBlueprint(parseJson(file, readText(file)))
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (cause) {
    throw new BlueprintError(file, 'cannot be read', { cause })
  }
}

function parseJson(file: string, text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : ''
    throw new BlueprintError(file, `is not JSON: ${reason}`, { cause })
  }
}
