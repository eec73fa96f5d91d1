/** What a command ends with: it worked, it failed, or it was asked for in a way that cannot work. */
export const exitCodes = { fine: 0, failed: 1, misused: 2 } as const

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes]
