import type { Deletion } from '../../schema/api-keeping.ts';

/** What a deletion does not reach: said in every answer, in docs/howto/keep-and-delete.md in more words. */
export const REMAINS: Deletion['remains'] = [
	{
		where: 'rollups',
		why: 'Requests, errors, latencies, database queries without their values, and edges of the map keep what they counted: numbers by names of services, operations, queries and versions, without ids.',
	},
	{
		where: 'alerts',
		why: 'What fired, when, and for which group of attribute values. What was found then goes where it names one of the traces.',
	},
	{
		where: 'resources',
		why: 'What processes say of themselves (host, SDK, service) is shared with other traces; it goes with the retention.',
	},
	{
		where: 'disk',
		why: 'ClickHouse removes the files of rewritten parts about eight minutes after the deletion. Backups, snapshots and copies elsewhere are not touched.',
	},
	{
		where: 'audit',
		why: 'That and how the deletion was asked for, trace ids or query as they were written, and who asked.',
	},
	{
		where: 'senders',
		why: 'Spans of these traces that arrive after the request are stored again.',
	},
];
