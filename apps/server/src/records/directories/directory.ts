import type { Brand } from '../../platform/brand.ts'
import { newId } from '../../platform/ids.ts'

export type DirectoryId = Brand<string, 'DirectoryId'>

export type DirectorySettings = {
  /** Known and unknown identifiers are answered alike, so that nobody learns who has an account here. */
  uniformAnswers: boolean
}

export type Directory = {
  id: DirectoryId
  name: string
  isDefault: boolean
  settings: DirectorySettings
  createdAt: number
}

export type DirectoryInput = {
  id: DirectoryId
  name: string
  /** Makes it the org's default in place of the present one; absent or false changes nothing about that. */
  isDefault?: boolean
  /** What is absent keeps its value, or gets the default in a new directory. */
  settings?: Partial<DirectorySettings>
}

export const defaultSettings: DirectorySettings = { uniformAnswers: true }

export function newDirectoryId(): DirectoryId {
  return newId('0di')
}
