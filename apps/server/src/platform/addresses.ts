import { BlockList, isIP } from 'node:net'

/** IANA's special-purpose registries for IPv4: nothing in here is a stranger on the internet. */
const special4 = listOf('ipv4', [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  // Where clouds keep the credentials of the machine.
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
])

/** Only this block was ever given to the internet; loopback, link-local, unique-local and mapped IPv4 lie outside. */
const global6 = listOf('ipv6', [['2000::', 3]])
const special6 = listOf('ipv6', [
  // Teredo, benchmarking, ORCHID and the like.
  ['2001::', 23],
  ['2001:db8::', 32],
  // 6to4: an IPv4 address in disguise, private ones included.
  ['2002::', 16],
  ['3fff::', 20],
])

const loopback4 = listOf('ipv4', [['127.0.0.0', 8]])

function listOf(family: 'ipv4' | 'ipv6', ranges: readonly (readonly [string, number])[]): BlockList {
  const list = new BlockList()
  for (const [network, bits] of ranges) list.addSubnet(network, bits, family)
  return list
}

/** Tells whether an address is anybody's on the internet, and not this machine's, its network's or of a special kind. */
export function isPublic(address: string): boolean {
  if (isIP(address) === 4) return !special4.check(address, 'ipv4')
  return isPlainIpv6(address) && global6.check(address, 'ipv6') && !special6.check(address, 'ipv6')
}

/** Tells whether an address is this machine itself. */
export function isLoopback(address: string): boolean {
  return isIP(address) === 4 ? loopback4.check(address, 'ipv4') : address === '::1'
}

/**
 * Names the network that one party holds: an IPv4 address alone, of IPv6 the 64 bits that any customer gets, whose other
 * 64 are theirs to choose anew for each request.
 */
export function networkOf(address: string): string {
  if (isIP(address) !== 6) return address
  const groups = groupsOf(address)
  const isMapped = groups.slice(0, 6).join(':') === '0:0:0:0:0:ffff'
  return isMapped ? groups.slice(6).flatMap(bytesOf).join('.') : `${groups.slice(0, 4).join(':')}::/64`
}

/** The eight groups of an IPv6 address, each in the one way to write it. */
function groupsOf(address: string): string[] {
  const [plain = ''] = address.split('%')
  const halves = new URL(`http://[${plain}]`).hostname.slice(1, -1).split('::')
  const [front = [], back = []] = halves.map((half) => half.split(':').filter(Boolean))
  return [...front, ...Array<string>(8 - front.length - back.length).fill('0'), ...back]
}

function bytesOf(group: string): number[] {
  const value = Number.parseInt(group, 16)
  return [value >> 8, value & 255]
}

/** With a zone (`fe80::1%eth0`) an address means something on this machine alone. */
function isPlainIpv6(address: string): boolean {
  return isIP(address) === 6 && !address.includes('%')
}
