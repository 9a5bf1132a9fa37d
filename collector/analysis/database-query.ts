/** Which search finds the calls of a group of database queries. */

interface QueriedGroup {
	fingerprint: string;
	system: string;
	namespace: string;
	/** Without a text the group is one of an operation. */
	text: string;
	summary: string;
}

const quoted = (text: string): string => `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
const valueOf = (key: string, value: string): string => (value === '' ? `-has:${key}` : `${key}:${quoted(value)}`);

/** A query in the search language whose spans are the calls of the group. */
export function databaseQuery({ fingerprint, system, namespace, text, summary }: QueriedGroup): string {
	const which =
		text === ''
			? `-has:db.query.fingerprint operation:${quoted(summary)}`
			: `db.query.fingerprint:${quoted(fingerprint)}`;
	const where = `${valueOf('db.system.name', system)} ${valueOf('db.namespace', namespace)}`;
	return `type:db -kind:server ${which} ${where}`;
}
