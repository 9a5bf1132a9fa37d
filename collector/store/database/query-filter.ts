/** What is asked of database calls, and what is answered. */
import type { NewQuery } from '../../../schema/api-changes.ts';
import type { TimeWindow } from '../../../schema/api.ts';
import type { QueryAnswer, QueryBefore, QueryGroup } from '../../../schema/api-database.ts';
import type { Parameters } from '../engine/clickhouse.ts';
import { inEnvironment } from '../read-scope.ts';
import type { ServiceName, WindowScope } from '../reader-types.ts';

export interface QueryFilter {
	service?: ServiceName;
	system?: string;
}

/** Which group of calls: `query` as 16 hexadecimal digits. */
export interface QueryId extends QueryFilter {
	query: string;
	namespace?: string;
}

/** What groups are picked by: a filter, or one query besides. */
export type GroupFilter = QueryFilter & Partial<QueryId>;

export type QueryRow = Omit<QueryGroup, 'query' | 'before'>;

export interface QueryDetail extends Omit<QueryAnswer, 'window' | 'stepMs' | 'query' | 'partial'> {
	group: Omit<QueryRow, 'points' | 'shareRatio'>;
	/** What is told of callers and traces is of so many of so many calls. */
	counted: { seen: number; of: number };
	/** So many spans lie above the calls that not all were read. */
	isCut: boolean;
	derived: RepeatsDerived;
}

/** Of the five minutes of the window, how many there are and in how many repeats are not counted yet. */
export interface RepeatsDerived {
	buckets: number;
	pendingBuckets: number;
}

/** Reads with what binds the scope and the query; more may be bound. */
export type ReadCalls = <Row>(sql: string, more?: Parameters) => Promise<Row[]>;

/** Those that take most time, and how many there are of what time together. */
export interface Groups extends RepeatsDerived {
	queries: QueryRow[];
	groups: number;
	totalNano: number;
}

export interface QueryList extends Groups {
	/** The first of so many database systems, by name. */
	systems: string[];
	systemsOf: number;
}

export interface QueryReader {
	/** Groups of database calls, most time first, with the time of each step. */
	list(scope: WindowScope, filter: QueryFilter, stepMs: number): Promise<QueryList>;
	/** The same queries in the window that the scope is compared with, in their order; without calls where there were none. */
	before(scope: WindowScope, filter: QueryFilter, queries: readonly QueryRow[]): Promise<QueryBefore[]>;
	/** Queries that were called in the window and not in an earlier one, most time first, and how many there are. */
	newSince(
		scope: WindowScope,
		filter: QueryFilter,
		earlier: TimeWindow,
	): Promise<{ queries: NewQuery[]; total: number }>;
	/** Undefined where there was no such call in the window. */
	detail(scope: WindowScope, id: QueryId, stepMs: number): Promise<QueryDetail | undefined>;
}

const serviceCondition = ({ service }: QueryFilter): string => {
	if (service === undefined) return '1';
	const { namespace } = service;
	return `service = {service:String}${namespace === undefined ? '' : ' AND service_namespace = {serviceNamespace:String}'}`;
};

/** On columns that the table and `spans` share. */
export const sharedCondition = (scope: WindowScope, filter: QueryFilter): string =>
	`${serviceCondition(filter)} AND ${inEnvironment(scope)}`;

export const IS_QUERY = 'reinterpretAsUInt64(reverse(unhex({query:String})))';

export const ofNamespace = ({ namespace }: GroupFilter): string =>
	namespace === undefined ? '1' : 'namespace = {namespace:String}';

export const ofSystem = ({ system }: QueryFilter): string => (system === undefined ? '1' : 'system = {system:String}');

/** On the columns of a table that is named, where a group has them under other names too. */
export const ofGroup = (filter: GroupFilter, table: string): string =>
	[filter.query === undefined ? '1' : `${table}.query = ${IS_QUERY}`, ofSystem(filter), ofNamespace(filter)].join(
		' AND ',
	);

/** What binds a filter. */
export function filterParameters({ service, system, query, namespace }: GroupFilter): Record<string, string> {
	return {
		...(service === undefined ? {} : { service: service.service }),
		...(service?.namespace === undefined ? {} : { serviceNamespace: service.namespace }),
		...(system === undefined ? {} : { system }),
		...(query === undefined ? {} : { query }),
		...(namespace === undefined ? {} : { namespace }),
	};
}
