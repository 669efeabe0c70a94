import { BlockList, isIP } from 'node:net';

/**
 * IPv4 networks that are not the public internet: the IANA IPv4 Special-Purpose Address Registry (RFC 6890),
 * multicast, and the address of one provider's metadata service for virtual machines. The metadata addresses of other
 * providers are inside these networks.
 */
const ipv4Networks = [
  '0.0.0.0/8', // this host on this network, RFC 791
  '10.0.0.0/8', // private use, RFC 1918
  '100.64.0.0/10', // shared by carriers (CGNAT), RFC 6598; metadata of Alibaba
  '127.0.0.0/8', // loopback, RFC 1122
  '168.63.129.16/32', // metadata of Azure
  '169.254.0.0/16', // link-local, RFC 3927; metadata of AWS, Google, Azure and others
  '172.16.0.0/12', // private use, RFC 1918
  '192.0.0.0/24', // protocol assignments, RFC 6890; metadata of Oracle
  '192.0.2.0/24', // documentation, RFC 5737
  '192.88.99.0/24', // 6to4 relays, withdrawn by RFC 7526
  '192.168.0.0/16', // private use, RFC 1918
  '198.18.0.0/15', // benchmarking, RFC 2544
  '198.51.100.0/24', // documentation, RFC 5737
  '203.0.113.0/24', // documentation, RFC 5737
  '224.0.0.0/4', // multicast, RFC 1112
  '240.0.0.0/4', // reserved, RFC 1112; limited broadcast, RFC 919
] as const;

/**
 * The public internet in IPv6: global unicast (RFC 4291 section 2.4) and nothing else. It excludes loopback,
 * unspecified, IPv4-mapped and IPv4-compatible addresses, NAT64 (64:ff9b::/96, RFC 6052, and 64:ff9b:1::/48, RFC
 * 8215), discard-only (RFC 6666), segment routing (RFC 9602), unique local (RFC 4193), link-local, site-local and
 * multicast.
 */
const ipv6Public = '2000::/3';

/** Networks inside it that are not public: the IANA IPv6 Special-Purpose Address Registry. */
const ipv6Networks = [
  '2001::/23', // protocol assignments, RFC 2928: Teredo, benchmarking, ORCHID and others
  '2001:db8::/32', // documentation, RFC 3849
  '2002::/16', // 6to4, RFC 3056: leads to an IPv4 address
  '3fff::/20', // documentation, RFC 9637
] as const;

interface Networks {
  readonly ipv4: BlockList;
  readonly ipv6: BlockList;
  readonly ipv6Public: BlockList;
}

let lists: Networks | undefined;

/** Created at the first use, because most programs never need it. */
function networks(): Networks {
  lists ??= {
    ipv4: listOf(ipv4Networks, 'ipv4'),
    ipv6: listOf(ipv6Networks, 'ipv6'),
    ipv6Public: listOf([ipv6Public], 'ipv6'),
  };
  return lists;
}

function listOf(given: readonly string[], family: 'ipv4' | 'ipv6'): BlockList {
  const list = new BlockList();
  for (const network of given) {
    const [address = '', prefix = ''] = network.split('/');
    list.addSubnet(address, Number(prefix), family);
  }
  return list;
}

/**
 * Whether an IP address belongs to the public internet; for `allowAddress` of createTransport(). False for loopback,
 * private, link-local, shared, reserved, documentation and multicast addresses, for IPv6 addresses that map to an
 * IPv4 address (mapped, NAT64, 6to4, Teredo), for the addresses of cloud metadata services, and for text that is not
 * an address.
 *
 * @example
 * const transport = await createTransport({ allowAddress: publicAddressesOnly });
 */
export function publicAddressesOnly(address: string): boolean {
  const family = isIP(address);
  // An address with a zone is link-local, or has the same meaning without the zone. RFC 4007 section 11.
  if (family === 0 || address.includes('%')) return false;
  const { ipv4, ipv6, ipv6Public } = networks();
  if (family === 4) return !ipv4.check(address);
  return ipv6Public.check(address, 'ipv6') && !ipv6.check(address, 'ipv6');
}
