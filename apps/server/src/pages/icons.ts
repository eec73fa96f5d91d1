import { type Html, raw } from './html.ts'

/** Drawn on a grid of 24, lines only, in the colour of the text around them. */
const SHAPES = {
  passkey:
    '<circle cx="9.5" cy="7.5" r="4"/><path d="M2.5 20.5c0-4 3-6.5 7-6.5 1 0 2 .2 2.9.5"/><circle cx="17.75" cy="13.25" r="2.75"/><path d="M17.75 16v5.5l1.75-1.5-1.25-1.25"/>',
  fingerprint:
    '<path d="M12 11v2.5c0 2.4.5 4.6 1.5 6.5M8.5 20.5c-1-2-1.5-4.4-1.5-7V11a5 5 0 0 1 10 0v2c0 1.7.2 3.2.7 4.6M3.7 17.5C3.2 15.8 3 14.2 3 12.5V11a9 9 0 0 1 14.5-7.1M20.2 7.3c.5 1.1.8 2.4.8 3.7v2.5"/>',
  shield:
    '<path d="M12 3l7.5 2.8v5.4c0 4.7-3.1 8-7.5 9.8-4.4-1.8-7.5-5.1-7.5-9.8V5.8z"/><path d="M9 12l2.2 2.2L15.2 10"/>',
  devices:
    '<rect x="2.5" y="4.5" width="14" height="10" rx="1.5"/><path d="M6.5 19h5"/><rect x="15.5" y="9.5" width="6" height="10.5" rx="1.5" class="cut"/>',
  mail: '<rect x="3" y="5" width="18" height="14" rx="2"/><path d="M3.5 7l8.5 6.5L20.5 7"/>',
  password: '<rect x="3" y="7.5" width="18" height="9" rx="2.5"/><path d="M7.5 12h.01M12 12h.01M16.5 12h.01"/>',
  chevron: '<path d="M9.5 6l6 6-6 6"/>',
  check: '<circle cx="12" cy="12" r="9"/><path d="M8.2 12.3l2.6 2.6 5-5.3"/>',
  alert: '<circle cx="12" cy="12" r="9"/><path d="M12 7.5v5.2M12 16.2h.01"/>',
  info: '<circle cx="12" cy="12" r="9"/><path d="M12 11.3v5.2M12 7.8h.01"/>',
  key: '<rect x="8" y="2.5" width="8" height="11" rx="2"/><path d="M10 13.5v6.5l2 1.5 2-1.5v-6.5M12 6.5h.01"/>',
  browser: '<rect x="3" y="4.5" width="18" height="15" rx="2"/><path d="M3 9h18M6.5 6.8h.01M9 6.8h.01"/>',
  device: '<rect x="6.5" y="2.5" width="11" height="19" rx="2.5"/><path d="M11 18.3h2"/>',
  user: '<circle cx="12" cy="8" r="4"/><path d="M4.5 20.5c.6-4 3.5-6 7.5-6s6.9 2 7.5 6"/>',
  out: '<path d="M14 4.5h4a1.5 1.5 0 0 1 1.5 1.5v12a1.5 1.5 0 0 1-1.5 1.5h-4M10 16l4-4-4-4M14 12H4"/>',
  external: '<path d="M13 4.5h6.5V11M19.5 4.5L11 13M17 14v4.5a1 1 0 0 1-1 1H5.5a1 1 0 0 1-1-1V8a1 1 0 0 1 1-1H10"/>',
} as const

export type IconName = keyof typeof SHAPES

/** An icon that says nothing by itself: there are always words beside it. */
export function icon(name: IconName): Html {
  return raw(
    `<svg class="icon" viewBox="0 0 24 24" width="20" height="20" fill="none" stroke="currentColor" stroke-width="1.6" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true" focusable="false">${SHAPES[name]}</svg>`,
  )
}

/** The mark of Latchkey, for orgs without a logo: a keyhole in a plate. */
export const keyhole: Html = raw(
  '<svg class="mark" viewBox="0 0 40 40" width="40" height="40" aria-hidden="true" focusable="false"><rect class="mark-plate" width="40" height="40" rx="11"/><path class="mark-hole" d="M20 7.5a8 8 0 0 1 4.25 14.78l2.2 7.9a1.4 1.4 0 0 1-1.35 1.82h-10.2a1.4 1.4 0 0 1-1.35-1.82l2.2-7.9A8 8 0 0 1 20 7.5z"/></svg>',
)
