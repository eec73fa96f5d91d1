/**
 * Hosted pages: the engine's first dialect. It turns open steps into pages, forms and scripts into answers, and
 * refusals into words on the page where they belong.
 *
 * Owns: `/sign-in`, `/sign-up`, `/account`, `/setup`, `/sign-out`, `/` and the assets of pages.
 * Does not own: any rule about signing in (`sign-in`), what pages look like (`pages`), OAuth.
 */
import type { FastifyInstance } from 'fastify'
import type { Assets } from '../../pages/index.ts'
import type { RenderError } from '../../platform/http/index.ts'
import { mountAccount } from './account.ts'
import { mountAssets } from './assets.ts'
import { mountHome } from './home.ts'
import type { House } from './house.ts'
import { renderErrorPage, renderStepRefusal } from './refusals.ts'
import { mountSetup, renderSetupRefusal } from './setup.ts'
import { mountSignIn } from './sign-in.ts'

export type { House as HostedHouse } from './house.ts'

export function mountHosted(app: FastifyInstance, house: House, assets: Assets): void {
  mountAssets(app, assets)
  mountHome(app, house)
  mountSignIn(app, house)
  mountAccount(app, house)
  mountSetup(app, house)
}

/** How refusals look to the audiences of this room. */
export function hostedRenderers(house: House): Readonly<Record<'page' | 'sign-in' | 'setup', RenderError>> {
  const page = renderErrorPage(house)
  return { page, 'sign-in': renderStepRefusal(house), setup: renderSetupRefusal(house, page) }
}
