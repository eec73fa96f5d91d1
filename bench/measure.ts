import type { Child } from './child.ts'

/** How much is done; the test of the benchmark does little. */
export type Sizes = {
  /** Operations before the first that count, until the code is compiled and the caches are full. */
  warmUp: number
  rounds: number
  /** Operations in a round. */
  operations: number
  /** Seconds of each run under load. */
  seconds: number
}

export type Figures = {
  /** CPU time of the server for one operation in milliseconds, user and system, all threads: median of the rounds. */
  cpuMs: number
  perSecond: number
  /** Milliseconds that an operation took, as its client saw it. */
  p50: number
  p99: number
}

export type Operation<Input> = {
  /** Makes what the operations of a round need; not measured. */
  prepare(count: number): Promise<readonly Input[]>
  run(input: Input): Promise<void>
}

export type Round = { cpuMs: number; perSecond: number; times: readonly number[] }

/** Measures an operation at a number of clients, each of which begins anew as soon as it has its answer. */
export async function measure<Input>(
  server: Child,
  sizes: Sizes,
  clients: number,
  operation: Operation<Input>,
): Promise<Figures> {
  const rounds: Round[] = []
  while (rounds.length < sizes.rounds) rounds.push(await measureRound(server, sizes.operations, clients, operation))
  return summarise(rounds)
}

export async function measureRound<Input>(
  server: Child,
  count: number,
  clients: number,
  operation: Operation<Input>,
): Promise<Round> {
  const inputs = await operation.prepare(count)
  const times: number[] = []
  const before = await server.usage()
  const began = performance.now()
  await eachOf(inputs, clients, async (input) => {
    const start = performance.now()
    await operation.run(input)
    times.push(performance.now() - start)
  })
  const perSecond = (count / (performance.now() - began)) * 1000
  return { cpuMs: ((await server.usage()).cpuMs - before.cpuMs) / count, perSecond, times }
}

export function summarise(rounds: readonly Round[]): Figures {
  const times = rounds.flatMap((round) => round.times)
  return {
    cpuMs: median(rounds.map(({ cpuMs }) => cpuMs)),
    perSecond: median(rounds.map(({ perSecond }) => perSecond)),
    p50: percentile(times, 0.5),
    p99: percentile(times, 0.99),
  }
}

/** Does what the rounds will do until the code is compiled. */
export async function warmUp<Input>(
  { warmUp: count }: Pick<Sizes, 'warmUp'>,
  operation: Operation<Input>,
): Promise<void> {
  await eachOf(await operation.prepare(count), 16, (input) => operation.run(input))
}

/** Works through a list with so many at a time. */
export async function eachOf<Input>(
  inputs: readonly Input[],
  clients: number,
  work: (input: Input) => Promise<void>,
): Promise<void> {
  const rest = inputs.values()
  const client = async () => {
    for (const input of rest) await work(input)
  }
  await Promise.all(Array.from({ length: Math.min(clients, inputs.length) }, client))
}

export function median(values: readonly number[]): number {
  return percentile(values, 0.5)
}

export function percentile(values: readonly number[], part: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  const value = sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))]
  if (value === undefined) throw new Error('nothing was measured')
  return value
}
