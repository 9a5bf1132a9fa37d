import { givenKey } from './ingest-access.ts';
import type { GivenKey } from './ingest-access.ts';
import type { ThrottleStatus } from './rate-limits.ts';
import { USER_ROLES } from '../../schema/role.ts';
import { addressRanges } from '../outbound/address-policy.ts';
import { list, oneOf, optionalUrl, text } from '../settings.ts';
import type { Setting } from '../settings.ts';

const setting = <Value>(definition: Setting<Value>): Setting<Value> => definition;

/** Who may read and who may send. */
export const ACCESS_SETTINGS = {
	login: setting({
		variable: 'SPANHOUSE_LOGIN',
		flag: 'login',
		default: 'auto',
		help: 'on, or auto: on where others can reach the host',
		read: oneOf(['auto', 'on']),
	}),
	ingestAuth: setting({
		variable: 'SPANHOUSE_INGEST_AUTH',
		flag: 'ingest-auth',
		default: 'auto',
		help: 'open, keys, or auto: keys where others can reach the OTLP listeners',
		read: oneOf(['auto', 'open', 'keys']),
	}),
	ingestKeys: setting({
		variable: 'SPANHOUSE_INGEST_KEYS',
		default: '',
		help: 'ingest keys beside those that are made on the screen, comma-separated, each KEY or PROJECT:KEY',
		secret: true,
		read: givenKeys,
	}),
	throttleStatus: setting({
		variable: 'SPANHOUSE_THROTTLE_STATUS',
		flag: 'throttle-status',
		default: '429',
		help: 'what a key beyond its limit is answered: 429, or 503 for SDKs that drop what is answered 429',
		read: throttleStatus,
	}),
	trustedProxies: setting({
		variable: 'SPANHOUSE_TRUSTED_PROXIES',
		flag: 'trusted-proxies',
		default: '',
		help: 'networks (CIDR) of proxies in front, whose X-Forwarded-For says who asks',
		read: addressRanges,
	}),
	oidcIssuer: setting({
		variable: 'SPANHOUSE_OIDC_ISSUER',
		flag: 'oidc-issuer',
		default: '',
		help: 'provider of OpenID Connect: https://login.example.com',
		read: optionalUrl,
	}),
	oidcClientId: setting({
		variable: 'SPANHOUSE_OIDC_CLIENT_ID',
		flag: 'oidc-client-id',
		default: '',
		help: 'its name for this Spanhouse',
		read: text,
	}),
	oidcClientSecret: setting({
		variable: 'SPANHOUSE_OIDC_CLIENT_SECRET',
		default: '',
		help: 'its secret',
		secret: true,
		read: text,
	}),
	oidcNewUsers: setting({
		variable: 'SPANHOUSE_OIDC_NEW_USERS',
		flag: 'oidc-new-users',
		default: 'viewer',
		help: 'role of whoever comes by it for the first time; none: only those who were invited',
		read: oneOf(['none', ...USER_ROLES]),
	}),
	oidcRoleClaim: setting({
		variable: 'SPANHOUSE_OIDC_ROLE_CLAIM',
		flag: 'oidc-role-claim',
		default: '',
		help: 'claim that holds viewer, editor or admin, and decides each time',
		read: text,
	}),
} as const;

function throttleStatus(value: string): ThrottleStatus {
	return oneOf(['429', '503'])(value) === '429' ? 429 : 503;
}

/** Long enough that guessing is hopeless, whatever they are made of. */
const minKeyLength = 24;

function givenKeys(value: string): GivenKey[] {
	const keys = list(value).map(givenKey);
	if (keys.some(({ key }) => key.length < minKeyLength || !/^[\x21-\x7e]+$/.test(key))) {
		throw new Error(`keys of at least ${minKeyLength} printable characters without blanks`);
	}
	return keys;
}
