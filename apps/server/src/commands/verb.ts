import { type ArgsDef, defineCommand, type ParsedArgs, renderUsage, runCommand, type SubCommandsDef } from 'citty'
import { type ExitCode, exitCodes } from './exit-codes.ts'

/** One verb of the binary, with what the command line needs of it. */
export type Verb = {
  readonly args: ArgsDef
  /** For the list of all verbs. */
  readonly command: SubCommandsDef[string]
  usage(): Promise<string>
  run(rawArgs: readonly string[]): Promise<ExitCode>
}

export type VerbDefinition<Args extends ArgsDef> = {
  name: string
  description: string
  args?: Args
  /** A verb that answers nothing has worked. */
  run(args: ParsedArgs<Args>): Promise<ExitCode | undefined>
}

/** Defines a verb: its words for the help, its arguments, and what it does. */
export function defineVerb<const Args extends ArgsDef>(definition: VerbDefinition<Args>): Verb {
  const { name, description, args } = definition
  const command = defineCommand({
    meta: { name: `latchkey ${name}`, description },
    ...(args && { args }),
    run: async (context) => await definition.run(context.args),
  })
  return {
    args: args ?? {},
    command,
    usage: () => renderUsage(command),
    async run(rawArgs) {
      const { result } = await runCommand(command, { rawArgs: [...rawArgs] })
      return result === exitCodes.failed || result === exitCodes.misused ? result : exitCodes.fine
    },
  }
}
