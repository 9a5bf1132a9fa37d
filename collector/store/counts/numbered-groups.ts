/** The number of all groups that have none of their own. */
export const OTHERS = 0;

/** What a row is grouped by, as the columns that `numberedGroups` expects. @param values SQL for texts */
export const keyColumns = (values: readonly string[]): string[] =>
	values.map((value, index) => `toString(${value}) AS ${keyColumn(index)}`);

const keyColumn = (index: number): string => `key${index}`;

/** One text of several, which no others have in common: the lengths tell where each ends. */
function oneText(texts: readonly string[]): string {
	const [only = "''"] = texts;
	if (texts.length < 2) return only;
	return `concat(${texts.map((text) => `toString(length(${text})), ':', ${text}`).join(', ')})`;
}

/**
 * Groups as numbers, from 1 on in the order of their requests, so that what is counted is grouped by numbers alone, which takes a third
 * of what texts do. Those beyond `{limit:UInt32}` are `OTHERS`.
 * @param rows a subquery with `keyColumns` of so many keys
 * @param requests a column of `rows`
 * @returns SQL for WITH, and what it names: a row's number as UInt16, and lists of the values of numbered groups
 */
export function numberedGroups(
	rows: string,
	keys: number,
	requests: string,
): { with: string; place: string; groups: string } {
	const columns = Array.from({ length: keys }, (_, index) => keyColumn(index));
	if (keys === 0)
		return { with: '[CAST([] AS Array(String))] AS known_groups', place: 'toUInt16(1)', groups: 'known_groups' };
	const groups = `
		SELECT groupArray(in_group) FROM (
			SELECT CAST([${columns.join(', ')}] AS Array(String)) AS in_group FROM (${rows})
			GROUP BY ${columns.join(', ')} ORDER BY sum(${requests}) DESC, in_group LIMIT {limit:UInt32})`;
	const ofGroup = columns.map((_, index) => `known[${index + 1}]`);
	// Without rows there is no group, and `transform` takes no empty list.
	const texts = `if(empty(known_groups), [''], arrayMap(known -> ${oneText(ofGroup)}, known_groups))`;
	return {
		with: `(${groups}) AS known_groups, ${texts} AS known_texts,
			arrayMap(place -> toUInt16(place), arrayEnumerate(known_texts)) AS known_places`,
		place: `transform(${oneText(columns)}, known_texts, known_places, toUInt16(${OTHERS}))`,
		groups: 'known_groups',
	};
}
