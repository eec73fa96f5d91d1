/**
 * Orgs: the tenants. Every other row belongs to one, every store function takes its id first.
 *
 * Owns: the `org` and `org_host` tables, how a host names an org, and the version that everything cached is keyed by.
 * Whatever changes something that is cached (org, directories, keys, clients, authorization servers, policies, trusted
 * origins) calls `touchOrg` in the same transaction; every process then sees the change at its next request, since each
 * request reads the org first.
 * Does not own: the directories and groups that an org starts with, issuers, relying party ids, any HTTP.
 */
export { createOrgCache, type OrgCache } from './cache.ts'
export { errors } from './errors.ts'
export { newOrgId, normaliseHost, type Org, type OrgId, type OrgInput, type OrgSettings } from './org.ts'
export { defaultOrgId, orgIdSchema } from './schema.ts'
export { findOrg, findOrgByHost, findOrgVersionByHost, getOrg, listOrgs, saveOrg, touchOrg } from './store.ts'
