import type { IssueKind } from '../../../schema/issue.ts';
import type { ClickHouse, Parameters } from '../engine/clickhouse.ts';
import { derivedParameters, readWindow } from '../derived/derived-rows.ts';
import type { DerivedMark } from '../derived/derived-mark.ts';
import {
	DEPLOYS,
	ISSUES,
	maxIssues,
	maxSamples,
	MEMBERS,
	MESSAGES,
	OF_ISSUES,
	OF_TRACE,
	OF_VERSION,
	ROOTS,
	SEEN,
	SERVICES,
	SHARES,
	VERSIONS,
} from './issue-sql.ts';
import type { IssueScope } from './issue-sql.ts';
import { pickParameters, pickSql } from './issue-pick.ts';
import type {
	IssueGroup,
	IssueIds,
	IssueMessage,
	IssueReader,
	IssueShare,
	MergedIssues,
	SeenIssue,
} from './issue-types.ts';
import { scopeParameters } from '../read-scope.ts';
import type { ServiceName, WindowScope } from '../reader-types.ts';

interface IssueRow {
	issueId: string;
	kind: IssueKind;
	type: string;
	title: string;
	culprit: string;
	namespace: string;
	serviceName: string;
	count: number;
	traces: number;
	wastedNano: number;
	firstMs: number;
	lastMs: number;
	operations: string[];
	versions: string[];
	versionsOf: number;
	steps: [steps: number[], counts: number[]];
	samples: SampleRow[];
	/** Issues in the window. */
	total: number;
}

/** How many there are beside those that were read. */
interface Counted {
	different: number;
}

const ofAll = ([first]: readonly Counted[]): number => first?.different ?? 0;

interface MemberRow {
	issueId: string;
	count: number;
	lastMs: number;
}

interface DeployRow extends Counted {
	version: string;
	firstSeenMs: number;
}

interface VersionRow extends Omit<DeployRow, keyof Counted> {
	namespace: string;
	service: string;
}

type SampleRow = [
	negativeMs: number,
	traceId: string,
	spanId: string,
	environment: string,
	version: string,
	operation: string,
	wastedNano: number,
	spans: number,
];

/** A question as of one moment, and what it binds. */
interface Asked {
	scope: IssueScope;
	bound: Parameters;
}

/** `mark` says how far the derived table of exceptions is; a list has room for `most`. */
export function createIssueReader(clickhouse: ClickHouse, mark: () => DerivedMark, most = maxIssues): IssueReader {
	const ask = (scope: WindowScope): Asked => {
		const at = mark();
		return {
			scope: { ...scope, read: readWindow(scope, at) },
			bound: { ...scopeParameters(scope), ...derivedParameters(scope, at) },
		};
	};
	const membersOf = ({ scope, bound }: Asked, all: readonly string[]) =>
		inParts(all, (issueIds) => clickhouse.rows<MemberRow>(MEMBERS(scope), { ...bound, issueIds }, scope.signal));
	return {
		async issues(asked, stepMs, merged = { members: [], roots: [] }, pick = {}) {
			const { scope, bound } = ask(asked);
			const parameters = { ...bound, ...merged, ...pickParameters(pick), stepMs, limit: most };
			const sql = ISSUES(scope, rootOf(merged), pickSql(pick));
			const rows = await clickhouse.rows<IssueRow>(sql, parameters, scope.signal);
			return { groups: rows.map((row) => toGroup(row, stepMs)), total: rows[0]?.total ?? 0 };
		},
		async services(asked) {
			const { scope, bound } = ask(asked);
			const rows = await clickhouse.rows<{ name: string } & Counted>(SERVICES(scope), bound, scope.signal);
			return { names: rows.map(({ name }) => name), total: ofAll(rows) };
		},
		ofVersion: (asked, service, version, merged) =>
			readOfVersion(clickhouse, ask(asked), { ...service, version }, merged),
		async issue(asked, issueIds, stepMs) {
			const { scope, bound } = ask(asked);
			const parameters = { ...bound, issueId: issueIds[0], issueIds, stepMs, limit: 1 };
			const sql = ISSUES(scope, ROOTS.theOne, { where: OF_ISSUES, samples: maxSamples });
			const [row] = await clickhouse.rows<IssueRow>(sql, parameters, scope.signal);
			return row === undefined ? undefined : toGroup(row, stepMs);
		},
		async seen({ project, signal }, all) {
			const rows = await inParts(all, (issueIds) => clickhouse.rows<SeenIssue>(SEEN, { project, issueIds }, signal));
			return Map.groupBy(rows, (row) => row.issueId);
		},
		async details(scope, issueIds) {
			const asked = ask(scope);
			const [details, members] = await Promise.all([
				readDetails(clickhouse, asked, issueIds),
				issueIds.length === 1 ? [] : membersOf(asked, issueIds),
			]);
			return { ...details, members };
		},
		occurrences: (scope, all) => membersOf(ask(scope), all),
		async ofTrace(asked, traceId) {
			const { scope, bound } = ask(asked);
			const parameters = { ...bound, traceId };
			const rows = await clickhouse.rows<{ issueId: string } & Counted>(OF_TRACE(scope), parameters, scope.signal);
			return { issueIds: rows.map(({ issueId }) => issueId), total: ofAll(rows) };
		},
		...versionReader(clickhouse),
	};
}

const versionReader = (clickhouse: ClickHouse): Pick<IssueReader, 'versions' | 'deploys'> => ({
	async versions({ project, signal }) {
		const rows = await clickhouse.rows<VersionRow>(VERSIONS, { project }, signal);
		return Map.groupBy(rows, ({ namespace, service }) => JSON.stringify([namespace, service]));
	},
	async deploys({ project, signal }, { namespace = '', service }) {
		const rows = await clickhouse.rows<DeployRow>(DEPLOYS, { project, namespace, service }, signal);
		return { deploys: rows.map(({ version, firstSeenMs }) => ({ version, firstSeenMs })), total: ofAll(rows) };
	},
});

async function readDetails(
	clickhouse: ClickHouse,
	{ scope, bound }: Asked,
	issueIds: IssueIds,
): Promise<Omit<Awaited<ReturnType<IssueReader['details']>>, 'members'>> {
	const read = <Row>(sql: string) => clickhouse.rows<Row & Counted>(sql, { ...bound, issueIds }, scope.signal);
	const [operations, environments, versions, messages] = await Promise.all([
		read<IssueShare>(SHARES(scope, 'operation')),
		read<IssueShare>(SHARES(scope, 'environment')),
		read<IssueShare>(SHARES(scope, 'version')),
		read<IssueMessage>(MESSAGES(scope)),
	]);
	const of = {
		operations: ofAll(operations),
		environments: ofAll(environments),
		versions: ofAll(versions),
		messages: ofAll(messages),
	};
	return { operations, environments, versions, messages, of };
}

const rootOf = ({ members }: MergedIssues): string => (members.length === 0 ? ROOTS.itself : ROOTS.ofMerged);

async function readOfVersion(
	clickhouse: ClickHouse,
	{ scope, bound }: Asked,
	{ service, namespace = '', version }: ServiceName & { version: string },
	merged: MergedIssues,
): ReturnType<IssueReader['ofVersion']> {
	const stepMs = scope.window.toMs - scope.window.fromMs;
	const parameters = { ...bound, ...merged, service, serviceNamespace: namespace, version, stepMs, limit: maxIssues };
	const sql = ISSUES(scope, rootOf(merged), { where: OF_VERSION, samples: 1 });
	const rows = await clickhouse.rows<IssueRow>(sql, parameters, scope.signal);
	return { groups: rows.map((row) => toGroup(row, stepMs)), total: rows[0]?.total ?? 0 };
}

/** ClickHouse takes 128 KiB for each value that is bound: so many ids of issues at once. */
const idsBound = 5_000;

/** All rows of the parts of a list that is too long to be bound. */
async function inParts<Row>(
	issueIds: readonly string[],
	read: (part: readonly string[]) => Promise<Row[]>,
): Promise<Row[]> {
	const parts: Row[][] = [];
	for (let at = 0; at < issueIds.length; at += idsBound) parts.push(await read(issueIds.slice(at, at + idsBound)));
	return parts.flat();
}

const toGroup = ({ steps: [steps, counts], samples, ...row }: IssueRow, stepMs: number): IssueGroup => ({
	issueId: row.issueId,
	kind: row.kind,
	type: row.type,
	title: row.title,
	culprit: row.culprit,
	namespace: row.namespace,
	serviceName: row.serviceName,
	operation: row.operations[0] ?? '',
	count: row.count,
	traces: row.traces,
	wastedNano: row.wastedNano,
	firstMs: row.firstMs,
	lastMs: row.lastMs,
	versions: row.versions,
	versionsOf: row.versionsOf,
	points: steps.map((step, index) => [step * stepMs, counts[index] ?? 0]),
	samples: samples.map(([negativeMs, traceId, spanId, environment, version, operation, wastedNano, spans]) => ({
		traceId,
		spanId,
		endMs: -negativeMs,
		environment,
		version,
		operation,
		wastedNano,
		spans,
	})),
});
