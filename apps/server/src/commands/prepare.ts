import type { Config } from '../config.ts'
import type { Ground } from '../platform/ground.ts'
import type { OrgId } from '../records/orgs/index.ts'
import { provisionOwnOrg } from './provision.ts'

/** Applies the blueprint of the settings, if there is one, and gives the server's own address to an org. */
export async function prepareOrgs(ground: Ground, config: Pick<Config, 'url' | 'blueprint'>): Promise<OrgId> {
  if (config.blueprint !== undefined) {
    const { applyBlueprint, readBlueprint } = await import('./blueprint/index.ts')
    await applyBlueprint(ground, readBlueprint(config.blueprint), config.url)
  }
  return await provisionOwnOrg(ground, config.url)
}
