/** What a comment may say about its caller. Source: google.github.io/sqlcommenter/spec. */
const CALLER_KEYS = ['traceparent', 'route', 'controller', 'action', 'framework', 'application', 'db_driver'] as const;
type CallerKey = (typeof CALLER_KEYS)[number];
export type QueryCaller = Partial<Record<CallerKey, string>>;

/** The comment is the last thing in a query; a longer one is none. */
const MAX_COMMENT_LENGTH = 2_048;
const MAX_VALUE_LENGTH = 256;
const PAIR = /([\w%.-]{1,64})='((?:[^'\\]|\\.)*)'/gs;
const isCallerKey = (key: string): key is CallerKey => (CALLER_KEYS as readonly string[]).includes(key);

/**
 * The pairs `key='value'` of the last comment of a query, as SQLCommenter adds them behind it (or before it, which some
 * libraries do). To be read from the text as it was sent, since sanitising drops comments. Undefined when there are none.
 */
export function queryCaller(query: string): QueryCaller | undefined {
	const comment = lastComment(query);
	if (comment === undefined) return undefined;
	let caller: QueryCaller | undefined;
	for (const [, key = '', value = ''] of comment.matchAll(PAIR)) {
		const name = decoded(key);
		if (!isCallerKey(name)) continue;
		const text = decoded(value.replaceAll(/\\(.)/gs, '$1'));
		if (text === '' || text.length > MAX_VALUE_LENGTH) continue;
		caller ??= {};
		caller[name] ??= text;
	}
	return caller;
}

/** The text within the comment that ends the query, or else the one that begins it. */
function lastComment(query: string): string | undefined {
	const end = lastNonBlank(query, query.length);
	const behind = query.charAt(end - 1) === ';' ? lastNonBlank(query, end - 1) : end;
	if (query.endsWith('*/', behind)) {
		const start = query.lastIndexOf('/*', behind - 2);
		if (start >= 0 && behind - start <= MAX_COMMENT_LENGTH) return query.slice(start + 2, behind - 2);
	}
	if (!query.startsWith('/*')) return undefined;
	const close = query.slice(0, MAX_COMMENT_LENGTH).indexOf('*/', 2);
	return close < 0 ? undefined : query.slice(2, close);
}

function lastNonBlank(text: string, from: number): number {
	let end = from;
	while (end > 0 && text.charCodeAt(end - 1) <= 0x20) end--;
	return end;
}

/** A value that was not encoded as it should be is taken as it stands. */
function decoded(text: string): string {
	if (!text.includes('%')) return text;
	try {
		return decodeURIComponent(text);
	} catch {
		return text;
	}
}
