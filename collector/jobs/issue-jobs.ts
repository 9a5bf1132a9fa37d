import type { Log } from '../log.ts';
import type { StateStore } from '../state/state-store.ts';
import type { IssueReader } from '../store/issues/issue-types.ts';
import type { FindingTable, VariantTable } from '../store/job-types.ts';
import { AssignVariants } from './assign-variants.ts';
import { BackgroundLoop } from './background-loop.ts';
import { SearchTraces } from './search-traces.ts';
import type { SearchState, IssueSearch } from './search-traces.ts';
import { WatchEscalations } from './watch-escalations.ts';
import { WatchRegressions } from './watch-regressions.ts';

interface IssueJobsParts {
	variantTable: VariantTable;
	findingTable: FindingTable;
	issues: IssueReader;
	issueSearch: IssueSearch;
	state: StateStore;
	log: Log;
	clock: () => number;
}

export interface IssueJobs {
	state(): SearchState;
	stop(): Promise<void>;
}

/** Starts what fills the inbox of issues in the background. */
export function startIssueJobs(parts: IssueJobsParts): IssueJobs {
	const { variantTable, findingTable, issues, issueSearch, state, log, clock } = parts;
	const assign = new AssignVariants({ table: variantTable, derivedTo: () => findingTable.storedTo(), clock });
	const search = new SearchTraces({ table: findingTable, search: issueSearch, clock });
	const watch = new WatchRegressions({ state, issues });
	const escalations = new WatchEscalations({ state, issues, clock });
	const loops = [
		new BackgroundLoop({ name: 'exception groups', step: () => assign.step(), intervalMs: 5_000, log }),
		new BackgroundLoop({ name: 'performance issues', step: () => search.step(), intervalMs: 5_000, log }),
		new BackgroundLoop({ name: 'regressions', step: () => watch.step(), intervalMs: 15_000, log }),
		new BackgroundLoop({ name: 'escalations', step: () => escalations.step(), intervalMs: 15_000, log }),
	];
	for (const loop of loops) loop.start();
	return {
		state: () => search.state(),
		stop: async () => {
			await Promise.all(loops.map((loop) => loop.stop()));
			await issueSearch.close();
		},
	};
}
