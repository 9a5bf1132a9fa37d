import { parentPort } from 'node:worker_threads';
import type { SearchJob } from './jobs/search-traces.ts';
import { searchForIssues } from './issue-search.ts';

/** Looks for performance issues away from the thread that serves requests. Whatever is thrown ends the thread. */
parentPort?.on('message', (job: SearchJob) => parentPort?.postMessage(searchForIssues(job), []));
