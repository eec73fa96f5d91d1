import { z } from 'zod'
import { isLatchkeyError } from '../../platform/errors.ts'
import { type AuthorizationServerInput, authorizationServerSchema } from '../../records/authorization-servers/index.ts'
import { type ClientInput, clientMetadata, parseClientMetadata } from '../../records/clients/index.ts'
import { directoryIdSchema } from '../../records/directories/index.ts'
import { groupIdSchema } from '../../records/groups/index.ts'
import { orgIdSchema } from '../../records/orgs/index.ts'
import { type PolicyInput, policySchema } from '../../records/policies/index.ts'
import { isEmail, isIdentifier, userIdSchema } from '../../records/users/index.ts'
import { BlueprintError, jsonPath } from './errors.ts'

const name = z.string().trim().min(1).max(200)
const personName = z.string().trim().min(1).max(100)

const directory = z.strictObject({
  id: directoryIdSchema,
  name,
  isDefault: z.boolean().optional().describe('Where users are who name no directory.'),
  settings: z
    .strictObject({ uniformAnswers: z.boolean().optional().describe('Known and unknown identifiers look alike.') })
    .optional(),
})

const client = clientMetadata
  .required({ client_id: true })
  .strict()
  .describe('A client: the members of RFC 7591, with client_id and client_secret as given.')

const user = z.strictObject({
  id: userIdSchema.optional(),
  directory: directoryIdSchema.optional().describe("The id of a directory; the org's default one where absent."),
  login: z.string().refine(isIdentifier, 'cannot be a login'),
  email: z.string().refine(isEmail, 'is not an e-mail address'),
  firstName: personName.optional(),
  lastName: personName.optional(),
  password: z.string().min(1).max(256).optional().describe('Kept as a hash; unchanged where it verifies already.'),
  emailVerified: z.boolean().default(false).describe('The address is taken for proven.'),
  roles: z.array(z.literal('admin')).max(1).default([]),
})

const group = z.strictObject({
  id: groupIdSchema.optional(),
  name,
  description: z.string().max(1_000).optional(),
  members: z.array(z.string().min(1)).default([]).describe('Users by login or id.'),
})

const apiToken = z.strictObject({
  name,
  value: z
    .string()
    .regex(/^[\x21-\x7e]{20,500}$/, 'must be 20 to 500 characters without spaces')
    .describe('As hard to guess as a random value of 128 bits.'),
})

const trustedOrigin = z.strictObject({
  name,
  origin: z.url({ protocol: /^https?$/ }),
  scopes: z.array(z.enum(['CORS', 'REDIRECT'])).min(1),
})

const org = z.strictObject({
  id: orgIdSchema,
  name: name.optional(),
  hosts: z.array(z.string().min(1).max(260)).max(100).optional().describe('The first is the one to show.'),
  settings: z
    .strictObject({
      rpId: z.string().min(1).max(253).optional().describe('The relying party id of new passkeys.'),
      passkeyLimit: z.int().min(1).max(1_000).optional(),
      brand: z
        .strictObject({
          accent: z
            .string()
            .regex(/^#[0-9a-f]{6}$/i)
            .optional(),
          logoUrl: z.string().max(10_000).optional(),
        })
        .optional(),
    })
    .optional(),
  directories: onceEach(directory, 'id').default([]),
  clients: onceEach(client, 'client_id').default([]),
  users: z.array(user).default([]),
  groups: onceEach(group, 'name').default([]),
  apiTokens: onceEach(apiToken, 'name').default([]),
  trustedOrigins: onceEach(trustedOrigin, 'origin').default([]),
  authorizationServers: onceEach(authorizationServerSchema.required({ id: true }), 'id').default([]),
  policies: z.array(policySchema).default([]),
})

/** A blueprint: orgs and what they hold. What it does not name stays as it is. */
export const blueprintSchema = z
  .strictObject({
    $schema: z.string().optional(),
    orgs: onceEach(org, 'id'),
  })
  .describe('Orgs and what they hold. Applying it creates and updates; what it does not name stays as it is.')

type ParsedOrg = z.output<typeof org>

export type UserBlueprint = ParsedOrg['users'][number]
export type GroupBlueprint = ParsedOrg['groups'][number]

export type OrgBlueprint = Omit<ParsedOrg, 'clients' | 'authorizationServers' | 'policies'> & {
  clients: readonly ClientInput[]
  authorizationServers: readonly AuthorizationServerInput[]
  policies: readonly PolicyInput[]
}

export type Blueprint = { orgs: readonly OrgBlueprint[] }

/** Reads a blueprint. @throws {BlueprintError} with the path of the first mistake */
export function parseBlueprint(input: unknown): Blueprint {
  const parsed = blueprintSchema.safeParse(input)
  if (!parsed.success) throw toBlueprintError(parsed.error.issues[0])
  return {
    orgs: parsed.data.orgs.map((one, index) => ({
      ...one,
      clients: one.clients.map((metadata, place) => parseClient(metadata, ['orgs', index, 'clients', place])),
      // The casts are where plain ids become branded ones.
      authorizationServers: one.authorizationServers as unknown as readonly AuthorizationServerInput[],
      policies: one.policies as unknown as readonly PolicyInput[],
    })),
  }
}

function parseClient(metadata: unknown, path: readonly PropertyKey[]): ClientInput {
  try {
    return parseClientMetadata(metadata)
  } catch (failure) {
    if (!isLatchkeyError(failure)) throw failure
    throw new BlueprintError(jsonPath(path), failure.message, { cause: failure })
  }
}

function toBlueprintError(issue: z.core.$ZodIssue | undefined): BlueprintError {
  const path = issue?.path ?? []
  if (issue?.code === 'unrecognized_keys')
    return new BlueprintError(jsonPath([...path, issue.keys[0] ?? '']), 'is not known here')
  return new BlueprintError(jsonPath(path), issue?.message ?? 'is not valid')
}

/** A list in which a member names its item: two items of one name would overwrite each other at each application. */
function onceEach<Item extends z.ZodType<object>>(item: Item, member: string) {
  return z.array(item).superRefine((items, context) => {
    const seen = new Set<unknown>()
    for (const [index, one] of items.entries()) {
      const value: unknown = Reflect.get(one, member)
      if (seen.has(value)) context.addIssue({ code: 'custom', path: [index, member], message: 'is there twice' })
      seen.add(value)
    }
  })
}
