import type { Issue } from '../../schema/api-issues.ts';
import type { ReadScope, ServiceName, WindowScope } from './reader-types.ts';

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

export interface SeenIssue {
	issueId: string;
	version: string;
	firstMs: number;
	lastMs: number;
}

export interface IssueReader {
	/** The most frequent, with points of `stepMs` and a few samples; `total` says how many there are. */
	issues(scope: WindowScope, stepMs: number): Promise<{ groups: IssueGroup[]; total: number }>;
	/** One, with more samples; undefined when it does not occur in the window. */
	issue(scope: WindowScope, issueId: string, stepMs: number): Promise<IssueGroup | undefined>;
	/** When issues occurred, by version, over all that is kept. */
	seen(scope: ReadScope, issueIds: readonly string[]): Promise<Map<string, SeenIssue[]>>;
	details(
		scope: WindowScope,
		issueId: string,
	): Promise<{
		operations: IssueShare[];
		environments: IssueShare[];
		versions: IssueShare[];
		/** Of exceptions, with a sample each. */
		messages: { message: string; stack: string; count: number }[];
	}>;
	/** When a service was first seen in each of its versions, newest first. */
	deploys(scope: ReadScope, service: ServiceName): Promise<{ version: string; firstSeenMs: number }[]>;
}
