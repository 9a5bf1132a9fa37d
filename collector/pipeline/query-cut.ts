/** Characters of a query that are read; longer ones are bulk statements, whose rest looks like their beginning. */
const MAX_QUERY_LENGTH = 32 * 1024;

/** At most MAX_QUERY_LENGTH characters, and no half of a surrogate pair at the end. */
export function cutQuery(query: string): { text: string; wasCut: boolean } {
	if (query.length <= MAX_QUERY_LENGTH) return { text: query, wasCut: false };
	const last = query.charCodeAt(MAX_QUERY_LENGTH - 1);
	const isHalf = last >= 0xd800 && last <= 0xdbff;
	return { text: query.slice(0, isHalf ? MAX_QUERY_LENGTH - 1 : MAX_QUERY_LENGTH), wasCut: true };
}
