import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import type { LookupFunction } from 'node:net';
import { callbackify } from 'node:util';
import type { TargetPolicy } from './address-policy.ts';
import { OutboundError } from './outbound-error.ts';
import { checkAddress } from './target-url.ts';

export interface ResolvedAddress {
	address: string;
	family: number;
}
export type Resolve = (host: string) => Promise<ResolvedAddress[]>;

/** As the system resolves names, its hosts file included. */
export const systemResolve: Resolve = (host) => lookup(host, { all: true });

interface Reach {
	policy: TargetPolicy;
	resolve: Resolve;
	/** What is sent isn't encrypted. */
	isPlain: boolean;
}

/** Those of its addresses to which a socket may be opened, in order. Throws OutboundError when there is none. */
export async function allowedAddresses(host: string, { policy, resolve, isPlain }: Reach): Promise<ResolvedAddress[]> {
	const found = isIP(host) === 0 ? await resolved(host, resolve) : [{ address: host, family: isIP(host) }];
	let refusal: unknown = new OutboundError('NAME_NOT_FOUND', "the target's name has no address");
	const allowed = found.filter(({ address }) => {
		try {
			checkAddress(address, policy, isPlain);
			return true;
		} catch (error) {
			refusal = error;
			return false;
		}
	});
	if (allowed.length === 0) throw refusal;
	return allowed;
}

async function resolved(host: string, resolve: Resolve): Promise<ResolvedAddress[]> {
	try {
		return await resolve(host);
	} catch {
		throw new OutboundError('NAME_NOT_FOUND', "the target's name can't be resolved");
	}
}

/**
 * For a socket: what it connects to is what was checked, so that a name that resolves differently a moment later (DNS
 * rebinding) gains nothing. Sockets don't look up addresses that are written out: checkTarget looks at those.
 */
export const checkedLookup =
	(reach: Reach): LookupFunction =>
	(host, { all }, callback) =>
		findAllowed(host, reach, (error, addresses) => {
			const [first] = addresses ?? [];
			if (error !== null) callback(error, '');
			else if (all) callback(null, addresses);
			else callback(null, first?.address ?? '', first?.family);
		});

const findAllowed = callbackify(allowedAddresses);
