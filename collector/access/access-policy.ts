import { isIPv4 } from 'node:net';

/** What decides whether a login and keys are asked for. */
export interface AccessPolicy {
	host: string;
	ingestHost: string;
	login: 'auto' | 'on';
	ingestAuth: 'auto' | 'open' | 'keys';
	allowAnonymous: boolean;
	/** Empty: the screen's own address. */
	publicUrl: string;
	oidcIssuer: string | undefined;
	oidcClientId: string;
}

export const isLoopback = (host: string): boolean =>
	host === 'localhost' || host === '::1' || (isIPv4(host) && host.startsWith('127.'));

export const needsLogin = ({ host, login, allowAnonymous }: AccessPolicy): boolean =>
	login === 'on' || (!isLoopback(host) && !allowAnonymous);

export const needsKeys = ({ ingestHost, ingestAuth }: AccessPolicy): boolean =>
	ingestAuth === 'keys' || (ingestAuth === 'auto' && !isLoopback(ingestHost));

/** What contradicts itself, one line each. */
export function checkPolicy(policy: AccessPolicy): string[] {
	const problems: string[] = [];
	if (policy.login === 'on' && policy.allowAnonymous) {
		problems.push('--login on and --insecure-allow-anonymous contradict each other; leave one out');
	}
	if (policy.oidcIssuer === undefined) return problems;
	if (policy.oidcClientId === '') problems.push('SPANHOUSE_OIDC_ISSUER needs SPANHOUSE_OIDC_CLIENT_ID beside it');
	if (policy.publicUrl === '') {
		problems.push('SPANHOUSE_OIDC_ISSUER needs SPANHOUSE_PUBLIC_URL, to which its provider sends people back');
	}
	if (!needsLogin(policy)) problems.push('SPANHOUSE_OIDC_ISSUER has no effect without a login; set --login on');
	return problems;
}
