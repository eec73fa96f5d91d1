/**
 * An org's colour, made legible. Whatever is chosen, text on it and text in it keep a contrast of 4.5 to 1 on the
 * light and on the dark surface; a colour alone cannot promise that for both.
 */
type Colour = readonly [red: number, green: number, blue: number]

const LIGHT: Colour = [245, 245, 243]
const DARK: Colour = [24, 25, 28]
const WHITE: Colour = [255, 255, 255]
const BLACK: Colour = [0, 0, 0]
const INK: Colour = [17, 17, 19]
const TEXT_CONTRAST = 4.5
const SHAPE_CONTRAST = 3

/** The address of the stylesheet for an accent, or nothing when there is none to speak of. */
export function accentPath(accent: string | undefined): string | undefined {
  const colour = accent === undefined ? undefined : parse(accent)
  return colour && `/assets/accent-${hex(colour).slice(1)}.css`
}

/** The stylesheet behind `accentPath`, or nothing when the path is not one. Always the same for the same path. */
export function findAccentStylesheet(path: string): string | undefined {
  const digits = /^\/assets\/accent-([0-9a-f]{6})\.css$/.exec(path)?.[1]
  const colour = digits === undefined ? undefined : parse(`#${digits}`)
  return colour && `:root{${shades(colour, LIGHT)}}@media (prefers-color-scheme:dark){:root{${shades(colour, DARK)}}}`
}

/** How far apart two colours are in brightness (WCAG 2.2, 1.4.3): 1 to 21. */
export function contrast(one: string, other: string): number {
  return ratio(parse(one) ?? BLACK, parse(other) ?? BLACK)
}

function shades(accent: Colour, surface: Colour): string {
  const away = surface === LIGHT ? BLACK : WHITE
  const fill = shiftUntil(accent, away, (colour) => ratio(colour, surface) >= SHAPE_CONTRAST)
  const on = ratio(fill, WHITE) >= TEXT_CONTRAST ? WHITE : INK
  const readable = shiftUntil(fill, on === WHITE ? BLACK : WHITE, (colour) => ratio(colour, on) >= TEXT_CONTRAST)
  const link = shiftUntil(accent, away, (colour) => ratio(colour, surface) >= TEXT_CONTRAST)
  const hover = mix(readable, on === WHITE ? BLACK : WHITE, 0.12)
  return `--accent:${hex(readable)};--accent-hover:${hex(hover)};--on-accent:${hex(on)};--link:${hex(link)}`
}

function shiftUntil(colour: Colour, towards: Colour, isEnough: (colour: Colour) => boolean): Colour {
  for (let share = 0; share < 1; share += 0.04) {
    const shifted = mix(colour, towards, share)
    if (isEnough(shifted)) return shifted
  }
  return towards
}

function mix(one: Colour, other: Colour, share: number): Colour {
  const channel = (from: number, to: number) => Math.round(from + (to - from) * share)
  return [channel(one[0], other[0]), channel(one[1], other[1]), channel(one[2], other[2])]
}

function ratio(one: Colour, other: Colour): number {
  const [dark, light] = [luminance(one), luminance(other)].sort((a, b) => a - b)
  return ((light ?? 0) + 0.05) / ((dark ?? 0) + 0.05)
}

function luminance([red, green, blue]: Colour): number {
  return 0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue)
}

function linear(channel: number): number {
  const value = channel / 255
  return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4
}

function parse(text: string): Colour | undefined {
  if (!/^#[0-9a-f]{6}$/i.test(text)) return undefined
  const value = Number.parseInt(text.slice(1), 16)
  return [value >> 16, (value >> 8) & 255, value & 255]
}

function hex([red, green, blue]: Colour): string {
  return `#${((red << 16) | (green << 8) | blue).toString(16).padStart(6, '0')}`
}
