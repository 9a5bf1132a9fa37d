import type { Evidence } from '../../schema/api-alerts.ts';
import type { Change } from '../../schema/api-changes.ts';
import type { SpanRow, TimeWindow } from '../../schema/api.ts';
import { rankDifferences } from '../analysis/difference.ts';
import { keysOfQuery } from '../analysis/query-keys.ts';
import type { AlertEvidenceReader } from '../store/alert-evidence-reader.ts';
import type { Difference, DifferenceReader } from '../store/difference-reader.ts';
import type { MeasuredQuery, SearchReader, WindowScope } from '../store/reader-types.ts';
import type { ServiceMapReader } from '../store/service-map-reader.ts';
import type { FiredDocument } from './make-transition.ts';
import { measuredQuery } from './measure-alerts.ts';
import { relatedFirings } from './related-firings.ts';

export interface EvidenceSources {
	counts: AlertEvidenceReader;
	difference: DifferenceReader;
	search: SearchReader;
	serviceMap: ServiceMapReader;
	/** Deploys and changes, newest first. */
	changes: (scope: WindowScope) => Promise<Change[]>;
	clock: () => number;
}

/** A change further back is not what happened just before. */
const changeBackMs = 6 * 3_600_000;
/** Where the number of requests violates, the window is compared with so much time before. */
const compareBackMs = 3_600_000;
const mostDifferences = 10;
const mostUncertain = 3;
const leastShown = 0.5;

export interface Gathered {
	evidence: Evidence;
	/** Those that the firing is about, most concerned first, as far as its query doesn't say so itself. */
	services: readonly string[];
}

/** What is different, what changed, and a trace of either kind: as of the moment of firing, for whoever is woken by it. */
export async function gatherEvidence(
	sources: EvidenceSources,
	fired: FiredDocument,
	open: readonly FiredDocument[],
): Promise<Gathered> {
	const { transition, violating } = fired;
	const { window } = transition;
	const scope = { project: transition.project, window };
	const query = measuredQuery(transition.query);
	const selection = violating === null ? undefined : measuredQuery(violating, 's');
	const counts = await sources.counts.count(scope, query, selection);
	const services = transition.services.length > 0 ? transition.services : counts.services;
	const compared = await compare(sources.difference, scope, query, selection);
	const [bad, good] = await exampleSpans(sources.search, scope, transition.query, violating);
	const evidence: Evidence = {
		frozenMs: sources.clock(),
		requests: counts.requests,
		ofRequests: counts.ofRequests,
		users: counts.users > 0 ? counts.users : null,
		differences: differencesOf(compared, [query, ...(selection === undefined ? [] : [selection])]),
		change: await changeBefore(sources, scope, services),
		violating: bad,
		good,
		related: await relatedFirings(sources.serviceMap, scope, services, fired, open),
		...partialOf(compared),
	};
	return { evidence, services };
}

function compare(
	difference: DifferenceReader,
	scope: WindowScope,
	query: MeasuredQuery,
	selection: MeasuredQuery | undefined,
): Promise<Difference> {
	if (selection !== undefined) return difference.compare(scope, query, { query: selection });
	const { fromMs, toMs } = scope.window;
	const longer: TimeWindow = { fromMs: fromMs - compareBackMs, toMs };
	return difference.compare({ ...scope, window: longer }, query, { query: measuredQuery('', 's'), fromMs, toMs });
}

function differencesOf(found: Difference, asked: readonly MeasuredQuery[]): Evidence['differences'] {
	const keys = new Set(asked.flatMap(({ query }) => [...keysOfQuery(query)]));
	const ranked = rankDifferences({ ...found, asked: keys }).attributes.filter(({ score }) => score > 0);
	const certain = ranked.filter(({ leastScore }) => leastScore > 0).slice(0, mostDifferences);
	// Of a handful of spans nothing is certain; what stands out is shown with its counts.
	const shown =
		certain.length > 0 ? certain : ranked.filter(({ score }) => score >= leastShown).slice(0, mostUncertain);
	return shown.map(({ key, value, selected, rest, selectedRatio, restRatio, score }) => ({
		key,
		value,
		selected,
		rest,
		selectedRatio,
		restRatio,
		score,
	}));
}

function partialOf({ matching, selected, rest }: Difference): Pick<Evidence, 'partial'> {
	const seen = selected + rest;
	if (seen >= matching) return {};
	return {
		partial: { reason: 'Chosen by a hash of the span id, so that shares are those of all.', seen, of: matching },
	};
}

/** The slowest span that violates, and the newest that doesn't. */
async function exampleSpans(
	search: SearchReader,
	scope: WindowScope,
	query: string,
	violating: string | null,
): Promise<[Evidence['violating'], Evidence['good']]> {
	const first = async (text: string, sort: '-duration' | '-end'): Promise<Evidence['good']> => {
		const [span] = (await search.spans(scope, measuredQuery(text), { sort, limit: 1 })).spans;
		return span === undefined ? null : sampleOf(span);
	};
	if (violating === null) return [await first(query, '-duration'), null];
	const bad = await first(`(${query}) (${violating})`, '-duration');
	return [bad, await first(`(${query}) -(${violating})`, '-end')];
}

const sampleOf = ({ traceId, startUnixNano, durationNano, operation }: SpanRow): NonNullable<Evidence['good']> => ({
	traceId,
	endMs: Math.floor((Number(BigInt(startUnixNano) / 1_000n) + durationNano / 1_000) / 1_000),
	operation,
	durationNano,
});

async function changeBefore(
	{ changes }: EvidenceSources,
	{ project, window }: WindowScope,
	services: readonly string[],
): Promise<Evidence['change']> {
	const found = await changes({ project, window: { fromMs: window.fromMs - changeBackMs, toMs: window.toMs } });
	const own = found.find(({ service }) => service === '' || services.length === 0 || services.some(isSame(service)));
	if (own === undefined) return null;
	const { changeId, kind, service, revision, title, tMs } = own;
	return { changeId, title: title === '' ? `${kind} of ${service} ${revision}`.trim() : title, service, tMs };
}

/** A service may be named with or without its namespace. */
const isSame =
	(service: string) =>
	(other: string): boolean =>
		service === other || service.endsWith(`/${other}`) || other.endsWith(`/${service}`);
