/** Which issues are asked for, in SQL over what `ISSUES` of issue-sql.ts counts: before the most frequent are taken. */
import type { Parameters } from '../engine/clickhouse.ts';
import { NUMBERS, OF_ISSUES } from './issue-sql.ts';
import type { IssuePick } from './issue-types.ts';

/** On one line, as lists show it: see analysis/issues/issue-title.ts, which also shortens it. */
const lineOf = (column: string): string => `if(kind = 'sequential-calls',
	replaceRegexpAll(${column}, '\\\\s*\\\\n\\\\s*', ', then '), replaceRegexpAll(${column}, '\\\\s*\\\\n\\\\s*', ' '))`;

const SERVICE = "if(namespace = '', serviceName, concat(namespace, '/', serviceName))";

const HAS_TEXT = `(has(${NUMBERS('ownedIssues')}, root) OR positionCaseInsensitiveUTF8(
	concat(${lineOf('title')}, '\\n', type, '\\n', ${lineOf('culprit')}, '\\n', ${SERVICE}, '\\n', operations[1]), {text:String}) > 0)`;

/** `where` on rows, `having` on issues: merged ones are of one kind and service. */
export function pickSql({ only, kind, service, text, decided = [] }: IssuePick): { where: string; having: string } {
	const where = [
		...(only === undefined ? [] : [OF_ISSUES]),
		...(kind === undefined ? [] : [kind === 'performance' ? "rows.kind != 'exception'" : 'rows.kind = {kind:String}']),
		...(service === undefined ? [] : ['rows.service = {service:String}']),
		...(service?.namespace === undefined ? [] : ['rows.service_namespace = {namespace:String}']),
		...decided.map(({ isIn }, place) => `${isIn ? '' : 'NOT '}has(${NUMBERS(`decided${place}`)}, root)`),
	];
	return { where: where.join(' AND ') || '1', having: text === undefined ? '1' : HAS_TEXT };
}

export const pickParameters = ({ only, kind, service, text, decided = [] }: IssuePick): Parameters => ({
	issueIds: only ?? [],
	...(kind === undefined ? {} : { kind }),
	...(service === undefined ? {} : { service: service.service }),
	...(service?.namespace === undefined ? {} : { namespace: service.namespace }),
	...(text === undefined ? {} : { text: text.has, ownedIssues: text.orIssues }),
	...Object.fromEntries(decided.map(({ issues }, place) => [`decided${place}`, issues])),
});
