import type { Brand } from '../../platform/brand.ts'
import { newId } from '../../platform/ids.ts'
import type { UserId } from '../users/index.ts'

export type GroupId = Brand<string, 'GroupId'>

/** Members of a `builtin` group follow from what they are; those of a `custom` one were added. */
export type GroupKind = 'builtin' | 'custom'

export type Group = {
  id: GroupId
  name: string
  description: string | null
  kind: GroupKind
  createdAt: number
  updatedAt: number
}

export type GroupInput = { id: GroupId; name: string; description?: string | null }

export type GroupMember = { userId: UserId; addedAt: number }

/** The name of the group that all users of an org belong to. */
export const everyone = 'Everyone'

export function newGroupId(): GroupId {
  return newId('00g')
}
