/** A pair of a comment: `route='%2Fcart'`. */
const PAIR = /([\w%.-]{1,64})='((?:[^'\\]|\\.)*)'/g;
const BEHIND = /\/\*([^*]+)\*\/[\s;]*$/;
const BEFORE = /^\s*\/\*([^*]+)\*\//;

/** No comment is looked for in a longer query: what stands behind it can't be seen on a screen either. */
const longestQuery = 64 * 1024;

/**
 * What a query says of its caller in the comment behind or before it: route, controller, framework and so on, decoded, in
 * their order; of a key that comes twice the last. The same as `spans.query_comment` in ClickHouse.
 * Source: google.github.io/sqlcommenter/spec.
 */
export function queryComment(query: string): Map<string, string> {
	const pairs = new Map<string, string>();
	if (query.length > longestQuery || !query.includes('*/')) return pairs;
	const comments = `${BEHIND.exec(query)?.[1] ?? ''} ${BEFORE.exec(query)?.[1] ?? ''}`;
	for (const [, key = '', value = ''] of comments.matchAll(PAIR)) {
		pairs.set(decoded(key), decoded(value.replace(/\\(.)/g, '$1')));
	}
	return pairs;
}

/** Percent signs that begin no letter stay as they are. */
function decoded(text: string): string {
	try {
		return decodeURIComponent(text);
	} catch {
		return text;
	}
}
