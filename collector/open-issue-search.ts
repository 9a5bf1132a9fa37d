import { extname } from 'node:path';
import { JobThread, wholeBuffers } from './job-thread.ts';
import type { SearchAnswer, SearchJob, IssueSearch } from './jobs/search-traces.ts';
import type { Log } from './log.ts';
import { searchForIssues } from './issue-search.ts';

/** Some five hundred spans. */
const usualInPlaceBytes = 64 * 1024;
/** Next to this file, as TypeScript in a checkout and as JavaScript in the package. */
const searchWorkerUrl = new URL(`./issue-search-worker${extname(new URL(import.meta.url).pathname)}`, import.meta.url);

/**
 * Looks for performance issues: in a thread where spans are many, for in the process it held up what receives and answers, and left its
 * heap full of what it made (docs/adr/0086-searched-in-a-thread.md).
 * What is no larger than `inPlaceBytes` is searched at once: where little comes in there is no need of a thread.
 */
export function openIssueSearch(log: Log, inPlaceBytes = usualInPlaceBytes): IssueSearch {
	const thread = new JobThread<SearchJob, SearchAnswer>({
		workerUrl: searchWorkerUrl,
		what: 'the thread that looks for performance issues',
		mostWaiting: 1,
		timeoutMs: 60_000,
		refuse: (reason) => new Error(reason),
		log,
	});
	return {
		run: async (job) =>
			job.spans.byteLength <= inPlaceBytes ? searchForIssues(job) : thread.run(job, wholeBuffers([job.spans])),
		close: () => thread.close(),
	};
}
