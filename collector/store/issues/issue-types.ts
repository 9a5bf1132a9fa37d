import type { IssueKind } from '../../../schema/issue.ts';
import type { Issue } from '../../../schema/api-issues.ts';
import type { ReadScope, ServiceName, WindowScope } from '../reader-types.ts';

/** What is counted of an issue in a window; what was decided of it is kept elsewhere. */
export interface IssueGroup extends Pick<
	Issue,
	| 'issueId'
	| 'kind'
	| 'type'
	| 'title'
	| 'culprit'
	| 'operation'
	| 'count'
	| 'traces'
	| 'wastedNano'
	| 'versions'
	| 'versionsOf'
	| 'points'
	| 'samples'
> {
	namespace: string;
	serviceName: string;
	/** In the window. */
	firstMs: number;
	lastMs: number;
}

export interface IssueShare {
	value: string;
	count: number;
	firstMs: number;
	lastMs: number;
}

/** Of an exception, with a sample. */
export interface IssueMessage {
	message: string;
	stack: string;
	count: number;
}

export interface SeenIssue {
	issueId: string;
	version: string;
	firstMs: number;
	lastMs: number;
}

/** An issue, and after it those that were merged into it: their occurrences are its own. */
export type IssueIds = readonly [string, ...string[]];

/** Each merged issue beside the one that stands for it. */
export interface MergedIssues {
	members: readonly string[];
	roots: readonly string[];
}

/** Which issues are asked for; ids are of those that stand for others, unless said. */
export interface IssuePick {
	/** These alone, merged ones by ids of their own. */
	only?: readonly string[];
	kind?: IssueKind | 'performance';
	service?: ServiceName;
	/** With this text in what is counted, or one of these issues. */
	text?: { has: string; orIssues: readonly string[] };
	/** What was decided is known elsewhere: those that are, or are not, among these. */
	decided?: readonly { issues: readonly string[]; isIn: boolean }[];
}

export interface IssueReader {
	/** The most frequent, with points of `stepMs` and a few samples; `total` says how many there are. */
	issues(
		scope: WindowScope,
		stepMs: number,
		merged?: MergedIssues,
		pick?: IssuePick,
	): Promise<{ groups: IssueGroup[]; total: number }>;
	/** Services with issues in the window, as `namespace/name`: the first by name, and how many there are. */
	services(scope: WindowScope): Promise<{ names: string[]; total: number }>;
	/** The most frequent that occurred with a version of a service, counted with it alone, and how many there are. */
	ofVersion(
		scope: WindowScope,
		service: ServiceName,
		version: string,
		merged: MergedIssues,
	): Promise<{ groups: IssueGroup[]; total: number }>;
	/** One, with more samples; undefined when it does not occur in the window. */
	issue(scope: WindowScope, issueIds: IssueIds, stepMs: number): Promise<IssueGroup | undefined>;
	/** When issues occurred, by version, over all that is kept. */
	seen(scope: ReadScope, issueIds: readonly string[]): Promise<Map<string, SeenIssue[]>>;
	/** The most frequent of each. */
	details(
		scope: WindowScope,
		issueIds: IssueIds,
	): Promise<{
		operations: IssueShare[];
		environments: IssueShare[];
		versions: IssueShare[];
		messages: IssueMessage[];
		/** How many there are of each; shares of no name aside. */
		of: Record<'operations' | 'environments' | 'versions' | 'messages', number>;
		/** Those of the issues that occurred in the window. */
		members: { issueId: string; count: number; lastMs: number }[];
	}>;
	/** Ids of the issues that occurred in a trace, within the window: no more than an inbox has, and how many there are. */
	ofTrace(scope: WindowScope, traceId: string): Promise<{ issueIds: string[]; total: number }>;
	/** How often issues occurred in the window; those that did not are left out. */
	occurrences(scope: WindowScope, issueIds: IssueIds): Promise<{ issueId: string; count: number; lastMs: number }[]>;
	/** As `deploys` without how many, for every service of the project, by `namespace` and `service` as one JSON array. */
	versions(scope: ReadScope): Promise<Map<string, { version: string; firstSeenMs: number }[]>>;
	/** When a service was first seen in each of its newest versions, newest first, and how many it had. */
	deploys(
		scope: ReadScope,
		service: ServiceName,
	): Promise<{ deploys: { version: string; firstSeenMs: number }[]; total: number }>;
}
