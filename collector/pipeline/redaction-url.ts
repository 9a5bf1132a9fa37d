/** Source: semantic conventions, registry, `url.full` and `url.query`: to be told by their exact case. */
export const SPEC_QUERY_KEYS: readonly string[] = [
	'AWSAccessKeyId',
	'Signature',
	'sig',
	'X-Goog-Signature',
	'X-Amz-Signature',
	'X-Amz-Credential',
	'X-Amz-Security-Token',
];

/** Names under which secrets travel in addresses, in any case and with `_`, `-` or nothing between their words. */
export const SECRET_QUERY_KEYS: readonly string[] = [
	'token',
	'access_token',
	'refresh_token',
	'id_token',
	'auth_token',
	'password',
	'passwd',
	'pwd',
	'secret',
	'client_secret',
	'api_key',
	'auth',
	'session_id',
];

/** `access_token`, `access-token` and `accessToken` are one name. */
export const plainName = (name: string): string => name.replaceAll(/[_-]/g, '').toLowerCase();

const AUTHORITY_START = '://';
const AUTHORITY_END = /[/?#\s"'<>\\]/g;

/** `https://user:pass@host` → `https://REDACTED:REDACTED@host`, wherever in the text an address stands. */
export function redactCredentials(text: string): string {
	let output = '';
	let from = 0;
	for (;;) {
		const scheme = text.indexOf(AUTHORITY_START, from);
		if (scheme < 0) break;
		const start = scheme + AUTHORITY_START.length;
		AUTHORITY_END.lastIndex = start;
		const end = AUTHORITY_END.exec(text)?.index ?? text.length;
		const authority = text.slice(start, end);
		const at = authority.lastIndexOf('@');
		const user = at < 0 ? '' : redactedUser(authority.slice(0, at), text.slice(Math.max(0, scheme - 5), scheme));
		output += text.slice(from, start) + (at < 0 ? '' : user) + authority.slice(Math.max(at, 0));
		from = end;
	}
	return from === 0 ? text : output + text.slice(from);
}

/** A user without a password is a name (`ssh://git@…`), but over HTTP a token. */
function redactedUser(user: string, scheme: string): string {
	const colon = user.indexOf(':');
	if (colon >= 0) return colon === user.length - 1 ? 'REDACTED:' : 'REDACTED:REDACTED';
	return /https?$/i.test(scheme) && user !== '' ? 'REDACTED' : user;
}

export interface QueryKeys {
	/** By their exact case. */
	exact: ReadonlySet<string>;
	/** As `plainName` gives them. */
	plain: ReadonlySet<string>;
}

/**
 * Values of secret keys behind `?` and `#` become REDACTED; the rest of the address stays as it was written.
 * With `isQuery` the text is the query alone, without its question mark.
 */
export function redactQuery(text: string, keys: QueryKeys, isQuery: boolean): string {
	const start = isQuery && !text.startsWith('?') ? 0 : text.search(/[?#]/) + 1;
	if (start === 0 && !isQuery) return text;
	const query = text.slice(start);
	if (!query.includes('=')) return text;
	// The separators are kept: they lie at the odd places.
	const pieces = query.split(/([&;#?])/);
	const redacted = pieces.map((piece, i) => (i % 2 === 0 ? redactPair(piece, keys) : piece)).join('');
	return redacted === query ? text : text.slice(0, start) + redacted;
}

function redactPair(pair: string, keys: QueryKeys): string {
	const equals = pair.indexOf('=');
	if (equals <= 0 || equals === pair.length - 1 || !isSecret(pair.slice(0, equals), keys)) return pair;
	return `${pair.slice(0, equals)}=REDACTED`;
}

function isSecret(key: string, keys: QueryKeys): boolean {
	if (key.length > 128) return false;
	const name = key.includes('%') ? decoded(key) : key;
	return keys.exact.has(name) || keys.plain.has(plainName(name));
}

function decoded(text: string): string {
	try {
		return decodeURIComponent(text);
	} catch {
		return text;
	}
}
