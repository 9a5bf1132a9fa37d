import ipaddr from 'ipaddr.js';
import type { IPv4, IPv6 } from 'ipaddr.js';

/** A network and the length of its prefix. */
export type AddressRange = [IPv4 | IPv6, number];

/** Where requests may go that somebody configured through the API. */
export interface TargetPolicy {
	/** Networks that may be reached although they are private, and without TLS. */
	allowed: readonly AddressRange[];
	ports: readonly number[];
	smtpPorts: readonly number[];
}

export type AddressVerdict = { refused: string } | { refused: undefined; isListed: boolean };

/**
 * They hand out credentials of the machine, and some lie in public ranges: no list opens them. Amazon, Google and Azure;
 * Amazon over IPv6; Alibaba; Oracle; Azure's wire server.
 */
const metadataAddresses: ReadonlySet<string> = new Set([
	'169.254.169.254',
	'169.254.170.2',
	'fd00:ec2::254',
	'100.100.100.200',
	'192.0.0.192',
	'168.63.129.16',
]);

const words: Readonly<Record<string, string>> = {
	unspecified: 'unspecified',
	broadcast: 'broadcast',
	multicast: 'multicast',
	linkLocal: 'link-local',
	loopback: 'loopback',
	carrierGradeNat: 'shared by a provider',
	private: 'private',
	uniqueLocal: 'private',
};

/** Networks as `10.0.0.0/8,::1/128`; a bare address stands for itself. Throws Error with what is expected. */
export function addressRanges(text: string): AddressRange[] {
	return text
		.split(',')
		.map((entry) => entry.trim())
		.filter((entry) => entry !== '')
		.map(addressRange);
}

function addressRange(text: string): AddressRange {
	const address = text.split('/')[0] ?? '';
	// The library also takes short and octal forms, which people read differently.
	const isPlain = address.includes(':') ? ipaddr.IPv6.isValid(address) : ipaddr.IPv4.isValidFourPartDecimal(address);
	try {
		if (isPlain) return text.includes('/') ? ipaddr.parseCIDR(text) : wholeAddress(address);
	} catch {
		// Said below.
	}
	throw new Error('networks such as 10.0.0.0/8 or fd00::/8, comma-separated');
}

function wholeAddress(text: string): AddressRange {
	const address = ipaddr.parse(text);
	return [address, address.kind() === 'ipv4' ? 32 : 128];
}

/**
 * Whether a socket may be opened to this address. Everything but global unicast is refused unless its network is listed;
 * addresses of IPv4 inside IPv6 (`::ffff:127.0.0.1`) count as what they hold.
 */
export function judgeAddress(text: string, { allowed }: Pick<TargetPolicy, 'allowed'>): AddressVerdict {
	if (!ipaddr.isValid(text)) return { refused: 'not an address' };
	const address = ipaddr.process(text);
	if (metadataAddresses.has(address.toString())) return { refused: 'the metadata service of a cloud' };
	if (allowed.some((range) => isWithin(address, range))) return { refused: undefined, isListed: true };
	const range = address.range();
	// Of IPv6 only 2000::/3 is global; the library calls everything unicast that has no other name.
	const isGlobal = range === 'unicast' && (address.kind() === 'ipv4' || isGlobalUnicast(address as IPv6));
	return isGlobal ? { refused: undefined, isListed: false } : { refused: words[range] ?? 'reserved' };
}

const isGlobalUnicast = (address: IPv6): boolean => ((address.parts[0] ?? 0) & 0xe000) === 0x2000;

const isWithin = (address: IPv4 | IPv6, [network, bits]: AddressRange): boolean =>
	address.kind() === network.kind() && address.match(network, bits);
