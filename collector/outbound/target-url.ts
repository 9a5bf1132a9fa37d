import { isIP } from 'node:net';
import { judgeAddress } from './address-policy.ts';
import type { TargetPolicy } from './address-policy.ts';
import { OutboundError } from './outbound-error.ts';

/** Names under which clouds hand out credentials of the machine, whatever they resolve to. */
const metadataNames =
	/^(?:metadata|instance-data|metadata\.goog|(?:.+\.)?metadata\.(?:google|azure)\.internal|instance-data\.ec2\.internal)$/;

const ports: Readonly<Record<string, number>> = { 'http:': 80, 'https:': 443 };

const longestUrl = 8_192;

/**
 * What can be said of a target before its name is resolved. Throws OutboundError, whose message holds no more of the URL than
 * its scheme, host and port: paths of webhooks are secrets.
 */
export function checkTarget(text: string, policy: TargetPolicy): URL {
	const url = text.length > longestUrl ? null : URL.parse(text);
	if (url === null) throw new OutboundError('BAD_TARGET', 'the target is not a URL');
	if (!(url.protocol in ports)) throw new OutboundError('BAD_TARGET', `the scheme is ${url.protocol} expected https:`);
	if (url.username !== '' || url.password !== '')
		throw new OutboundError('BAD_TARGET', 'the URL holds a user or a password; use a header or a secret');
	checkPort(url.port === '' ? (ports[url.protocol] ?? 0) : Number(url.port), policy.ports, 'SPANHOUSE_TARGET_PORTS');
	checkHost(hostOf(url), policy, url.protocol === 'http:');
	return url;
}

export function checkPort(port: number, allowed: readonly number[], variable: string): void {
	if (allowed.includes(port)) return;
	throw new OutboundError('BAD_TARGET', `the port is ${port}; expected one of ${variable} (${allowed.join(', ')})`);
}

/** Without the brackets of IPv6 and the dot that ends a complete name. */
export const hostOf = (url: URL): string => url.hostname.replace(/^\[|\]$/g, '').replace(/\.$/, '');

/** Names of metadata services, and addresses that are written out; those of names are checked when they are resolved. */
export function checkHost(host: string, policy: TargetPolicy, isPlain: boolean): void {
	if (host === '') throw new OutboundError('BAD_TARGET', 'the target has no host');
	if (metadataNames.test(host.toLowerCase()))
		throw new OutboundError('ADDRESS_REFUSED', 'the target is the metadata service of a cloud');
	if (isIP(host) !== 0) checkAddress(host, policy, isPlain);
}

/** Throws unless a socket may be opened to it. `isPlain`: what is sent isn't encrypted. */
export function checkAddress(address: string, policy: TargetPolicy, isPlain: boolean): void {
	const verdict = judgeAddress(address, policy);
	if (verdict.refused !== undefined) {
		throw new OutboundError(
			'ADDRESS_REFUSED',
			`the target's address is refused: ${verdict.refused}; SPANHOUSE_ALLOW_PRIVATE_TARGETS opens networks`,
		);
	}
	if (isPlain && !verdict.isListed) {
		throw new OutboundError(
			'ADDRESS_REFUSED',
			'without TLS only addresses in SPANHOUSE_ALLOW_PRIVATE_TARGETS are reached; use https',
		);
	}
}
