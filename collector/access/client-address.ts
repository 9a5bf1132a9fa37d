import ipaddr from 'ipaddr.js';
import type { Context } from 'hono';
import type { AddressRange } from '../outbound/address-policy.ts';

/** More hops than this are nobody's set-up. */
const mostHops = 20;

/**
 * The address of whoever asks, through the proxies that the operator named. `X-Forwarded-For` is a list to which each proxy
 * adds whom it heard from: read from its end, the first that is no proxy of ours is whom ours heard from; what stands before
 * is what that one says. From anybody but a proxy of ours the header is worth nothing.
 */
export function clientAddress(
	trusted: readonly AddressRange[],
	peerOf: (c: Context) => string,
): (c: Context) => string {
	const isProxy = (text: string): boolean => {
		const address = parse(text);
		return (
			address !== undefined &&
			trusted.some(([network, bits]) => address.kind() === network.kind() && address.match(network, bits))
		);
	};
	return (c) => {
		let found = peerOf(c);
		const hops = (c.req.header('x-forwarded-for') ?? '').split(',').slice(-mostHops);
		while (isProxy(found)) {
			const next = hops.pop()?.trim() ?? '';
			if (parse(next) === undefined) break;
			found = next;
		}
		return parse(found)?.toString() ?? found;
	};
}

/** IPv4 in IPv6 is the IPv4; a port after it is left out, as some proxies write it. */
function parse(text: string) {
	const bare =
		/^\[([^\]]+)\](?::\d+)?$/.exec(text)?.[1] ?? (/^[\d.]+:\d+$/.test(text) ? text.replace(/:\d+$/, '') : text);
	return ipaddr.isValid(bare) ? ipaddr.process(bare) : undefined;
}
