const USUAL_MS = 300_000

/** How long a ceremony lives from now; what makes no sense is taken for the usual five minutes. */
export function lifetime(expiresAt: number, dateHeader: string | null, now: number): number {
  const serverNow = dateHeader === null ? now : Date.parse(dateHeader)
  const left = expiresAt - (Number.isNaN(serverNow) ? now : serverNow)
  return left > 0 && left <= 2 * USUAL_MS ? left : USUAL_MS
}
