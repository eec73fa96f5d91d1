/** The part of autocannon that is used here; it ships no types. */
declare module 'autocannon' {
  type Context = Record<string, string>
  type Request = {
    method?: string
    path?: string
    headers?: Readonly<Record<string, string>>
    body?: string
    setupRequest?(request: Request, context: Context): Request | false
    onResponse?(
      status: number,
      body: string,
      context: Context,
      headers: Readonly<Record<string, string | readonly string[]>>,
    ): void
  }
  type Options = { url: string; connections: number; duration: number; requests: readonly Request[] }
  type Result = {
    errors: number
    statusCodeStats: Readonly<Record<string, { count: number }>>
    requests: { total: number }
    duration: number
    latency: { p50: number; p99: number }
  }
  function autocannon(options: Options): Promise<Result>
  export = autocannon
}
