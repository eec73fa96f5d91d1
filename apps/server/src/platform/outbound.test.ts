import { createServer, type RequestListener, type Server } from 'node:http'
import { createServer as createTcpServer } from 'node:net'
import { afterEach, describe, expect, test } from 'vitest'
import { isLoopback, isPublic } from './addresses.ts'
import { openOutbound } from './outbound.ts'

const running: { close(): unknown }[] = []
afterEach(() => {
  for (const server of running.splice(0)) server.close()
})

/** A real server on this machine. */
async function serve(listener: RequestListener): Promise<{ url: string; port: number; server: Server }> {
  const server = createServer(listener)
  running.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (typeof address !== 'object' || !address) throw new Error('not listening')
  return { url: `http://127.0.0.1:${address.port}`, port: address.port, server }
}

const inDevelopment = openOutbound({ allowsLoopback: true })
const inProduction = openOutbound({ allowsLoopback: false })
const refusedAs = (code: string) => expect.objectContaining({ code })

describe('A request that may go out', () => {
  test('gets a JSON document', async () => {
    const { url } = await serve((_request, response) => response.end('{"keys":[]}'))
    expect(await inDevelopment.getJson(`${url}/keys`)).toEqual({ keys: [] })
  })

  test('posts a body and gives status, headers and bytes back', async () => {
    let seen = ''
    const { url } = await serve((request, response) => {
      request.on('data', (chunk) => {
        seen += `${request.method} ${request.headers['content-type']} ${chunk}`
      })
      request.on('end', () => response.writeHead(201, { 'x-told': 'yes' }).end('done'))
    })
    const answer = await inDevelopment.send(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{}',
    })
    expect(seen).toBe('POST application/json {}')
    expect([answer.status, answer.headers['x-told'], answer.body.toString()]).toEqual([201, 'yes', 'done'])
  })
})

describe('RFC 9700 §4.16 an address that nobody outside may make this server call', () => {
  test.each([
    ['plain http', 'http://keys.example/', 'outbound_url_refused'],
    ['another scheme', 'file:///etc/passwd', 'outbound_url_refused'],
    ['another scheme', 'gopher://127.0.0.1:11211/', 'outbound_url_refused'],
    ['a password in it', 'https://user:secret@keys.example/', 'outbound_url_refused'],
    ['no address', 'keys', 'outbound_url_refused'],
    ['loopback', 'https://127.0.0.1/', 'outbound_address_refused'],
    ['loopback as one number', 'https://2130706433/', 'outbound_address_refused'],
    ['loopback in octal', 'https://0177.0.0.1/', 'outbound_address_refused'],
    ['loopback, short', 'https://127.1/', 'outbound_address_refused'],
    ['loopback by name', 'https://localhost/', 'outbound_address_refused'],
    ['loopback of IPv6', 'https://[::1]/', 'outbound_address_refused'],
    ['IPv4 in IPv6', 'https://[::ffff:127.0.0.1]/', 'outbound_address_refused'],
    ['the credentials of a cloud', 'https://169.254.169.254/', 'outbound_address_refused'],
    ['a private network', 'https://10.1.2.3/', 'outbound_address_refused'],
  ])('%s: %s', async (_title, url, code) => {
    await expect(inProduction.send(url)).rejects.toEqual(refusedAs(code))
  })

  test.each([
    ['https://10.0.0.1/'],
    ['http://192.168.0.1/'],
    ['https://[fd00::1]/'],
    ['https://169.254.169.254/'],
    ['http://93.184.216.34/'],
  ])('in development, all but this very machine: %s', async (url) => {
    await expect(inDevelopment.send(url)).rejects.toEqual(refusedAs('outbound_address_refused'))
  })

  test('a name of which one address is private, beside public ones', async () => {
    const outbound = openOutbound({ allowsLoopback: false, resolve: async () => ['93.184.216.34', '10.0.0.1'] })
    await expect(outbound.send('https://keys.example/')).rejects.toEqual(refusedAs('outbound_address_refused'))
  })

  test('a name that answers differently the second time: it is asked once, and that answer is called', async () => {
    const { port } = await serve((request, response) => response.end(JSON.stringify(request.headers.host)))
    const answers = [['127.0.0.1'], ['10.0.0.1']]
    let asked = 0
    const resolve = async () => answers[asked++] ?? []
    const outbound = openOutbound({ allowsLoopback: true, resolve })
    const url = `http://rebind.example:${port}/`
    expect(await outbound.getJson(url)).toBe(`rebind.example:${port}`)
    expect(asked).toBe(1)
    await expect(outbound.send(url)).rejects.toEqual(refusedAs('outbound_address_refused'))
  })

  test('a redirect, wherever it leads', async () => {
    let visits = 0
    const { url } = await serve((_request, response) => {
      visits += 1
      response.writeHead(302, { location: 'http://169.254.169.254/' }).end()
    })
    await expect(inDevelopment.send(url)).rejects.toEqual(refusedAs('outbound_redirected'))
    expect(visits).toBe(1)
  })
})

describe('An answer that is not usable', () => {
  test('too large, said or not', async () => {
    const { url } = await serve((_request, response) => {
      response.write('x'.repeat(600))
      response.end('x'.repeat(600))
    })
    await expect(inDevelopment.send(url, { maxBytes: 1000 })).rejects.toEqual(refusedAs('outbound_too_large'))
  })

  test('without end', async () => {
    const { url } = await serve((_request, response) => {
      const timer = setInterval(() => response.write('x'), 10)
      response.on('close', () => clearInterval(timer))
    })
    await expect(inDevelopment.send(url, { timeoutMs: 150 })).rejects.toEqual(refusedAs('outbound_timed_out'))
  })

  test('without beginning', async () => {
    const server = createTcpServer(() => undefined)
    running.push(server)
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const address = server.address()
    const port = typeof address === 'object' ? address?.port : 0
    const asked = inDevelopment.send(`http://127.0.0.1:${port}/`, { timeoutMs: 150 })
    await expect(asked).rejects.toEqual(refusedAs('outbound_timed_out'))
  })

  test('from a host whose name is never resolved', async () => {
    const outbound = openOutbound({ allowsLoopback: true, resolve: () => new Promise(() => undefined) })
    const asked = outbound.send('https://slow.example/', { timeoutMs: 100 })
    await expect(asked).rejects.toEqual(refusedAs('outbound_timed_out'))
  })

  test('from a server that does not speak TLS where https is asked for', async () => {
    const { port } = await serve((_request, response) => response.end('{}'))
    await expect(inDevelopment.send(`https://127.0.0.1:${port}/`)).rejects.toEqual(refusedAs('outbound_failed'))
  })

  test.each([
    ['not found', 404, '{}'],
    ['no JSON', 200, '<html>'],
    ['no UTF-8', 200, Buffer.from([0x22, 0xff, 0x22])],
  ])('where JSON is asked for: %s', async (_title, status, body) => {
    const { url } = await serve((_request, response) => response.writeHead(status).end(body))
    await expect(inDevelopment.getJson(url)).rejects.toEqual(refusedAs('outbound_failed'))
  })

  test('from a host that is not there, or has no address', async () => {
    const { url, server } = await serve(() => undefined)
    await new Promise((resolve) => server.close(resolve))
    await expect(inDevelopment.send(url)).rejects.toEqual(refusedAs('outbound_failed'))
    const nowhere = openOutbound({ allowsLoopback: false, resolve: async () => [] })
    await expect(nowhere.send('https://keys.example/')).rejects.toEqual(refusedAs('outbound_failed'))
  })
})

describe('Addresses', () => {
  test.each(['93.184.216.34', '8.8.8.8', '2606:2800:220:1:248:1893:25c8:1946', '172.32.0.1', '100.128.0.1'])(
    'of the internet are public: %s',
    (address) => expect(isPublic(address)).toBe(true),
  )

  test.each([
    '0.0.0.0',
    '10.255.255.255',
    '100.64.0.1',
    '127.8.8.8',
    '169.254.169.254',
    '172.31.255.255',
    '192.0.0.8',
    '192.168.1.1',
    '198.19.0.1',
    '224.0.0.1',
    '255.255.255.255',
    '::',
    '::1',
    '::ffff:8.8.8.8',
    '64:ff9b::7f00:1',
    'fe80::1',
    'fe80::1%eth0',
    'fc00::1',
    'ff02::1',
    '2001:db8::1',
    '2002:7f00:1::',
    'localhost',
    '',
  ])('of special kinds are not: %s', (address) => expect(isPublic(address)).toBe(false))

  test('of this machine are told', () => {
    expect(['127.0.0.1', '127.9.9.9', '::1'].every(isLoopback)).toBe(true)
    expect(['128.0.0.1', '::2', '0.0.0.0', 'localhost', '::ffff:127.0.0.1'].some(isLoopback)).toBe(false)
  })
})
