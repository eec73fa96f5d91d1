import { ConfigError } from '../../config.ts'

/** A blueprint that cannot be applied as it is written; the message begins with the place of the mistake. */
export class BlueprintError extends ConfigError {
  /** A JSON path such as `$.orgs[0].clients[2].redirect_uris[0]`. */
  readonly path: string

  constructor(path: string, message: string, options?: ErrorOptions) {
    super(`${path}: ${message}`, options)
    this.name = 'BlueprintError'
    this.path = path
  }
}

/** Writes where something is in a JSON document. */
export function jsonPath(steps: readonly PropertyKey[]): string {
  return steps.reduce<string>((path, step) => path + (typeof step === 'number' ? `[${step}]` : `.${String(step)}`), '$')
}
