import type { Evidence } from '../../schema/api-alerts.ts';
import type { Change } from '../../schema/api-changes.ts';
import type { SpanRow } from '../../schema/api.ts';
import { rankDifferences } from '../analysis/difference.ts';
import { keysOfQuery } from '../analysis/query-keys.ts';
import type { AlertEvidenceReader } from '../store/alerts/alert-evidence-reader.ts';
import type { Difference, DifferenceReader } from '../store/search/difference-reader.ts';
import type { MeasuredQuery, SearchReader, WindowScope } from '../store/reader-types.ts';
import type { ServiceMapReader } from '../store/map/service-map-reader.ts';
import { isSameService } from './firing-query.ts';
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
const compareBackMs = 3_600_000;
/** With fewer of the spans that don't violate, what tells them apart may be chance. */
const leastRestRatio = 0.1;
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
	const compared = await compare(sources.difference, scope, fired, query, selection);
	const [bad, good] = await exampleSpans(sources.search, scope, transition.query, violating);
	const evidence: Evidence = {
		frozenMs: sources.clock(),
		requests: counts.requests,
		ofRequests: counts.ofRequests,
		users: counts.users > 0 ? counts.users : null,
		differences: compared.differences,
		comparedWith: compared.comparedWith,
		change: await changeBefore(sources, scope, services),
		violating: bad,
		good,
		related: await relatedFirings(sources.serviceMap, scope, services, fired, open),
		...compared.partial,
	};
	return { evidence, services };
}

type Compared = Pick<Evidence, 'differences' | 'comparedWith'> & { partial: Pick<Evidence, 'partial'> };

/** Spans that violate with the others of the window; where they are nearly all, or their number violates, with the hour before. */
async function compare(
	difference: DifferenceReader,
	scope: WindowScope,
	{ heldMs }: FiredDocument,
	query: MeasuredQuery,
	selection: MeasuredQuery | undefined,
): Promise<Compared> {
	const asked = new Set(
		[query, ...(selection === undefined ? [] : [selection])].flatMap((one) => [...keysOfQuery(one.query)]),
	);
	if (selection !== undefined) {
		const found = await difference.compare(scope, query, { query: selection });
		const { certain, uncertain } = differencesOf(found, asked);
		const isEnough = found.rest >= leastRestRatio * (found.selected + found.rest);
		if (certain.length > 0 || isEnough) {
			const differences = certain.length > 0 ? certain : uncertain;
			return { differences, comparedWith: 'rest', partial: partialOf(found) };
		}
	}
	const { toMs } = scope.window;
	const fromMs = scope.window.fromMs - heldMs;
	const longer = { ...scope, window: { fromMs: fromMs - compareBackMs, toMs } };
	const found = await difference.compare(longer, query, { query: measuredQuery('', 's'), fromMs, toMs });
	const { certain, uncertain } = differencesOf(found, asked);
	return {
		differences: certain.length > 0 ? certain : uncertain,
		comparedWith: found.rest === 0 ? 'nothing' : 'hourBefore',
		partial: partialOf(found),
	};
}

/** Of a handful of spans nothing is certain; what stands out is shown with its counts. */
function differencesOf(
	found: Difference,
	asked: ReadonlySet<string>,
): Record<'certain' | 'uncertain', Evidence['differences']> {
	const ranked = rankDifferences({ ...found, asked }).attributes.filter(({ score }) => score > 0);
	const shown = ({ key, value, selected, rest, selectedRatio, restRatio, score }: (typeof ranked)[number]) => ({
		key,
		value,
		selected,
		rest,
		selectedRatio,
		restRatio,
		score,
	});
	return {
		certain: ranked
			.filter(({ leastScore }) => leastScore > 0)
			.slice(0, mostDifferences)
			.map(shown),
		uncertain: ranked
			.filter(({ score }) => score >= leastShown)
			.slice(0, mostUncertain)
			.map(shown),
	};
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
	const own = found.find(
		({ service }) => service === '' || services.length === 0 || services.some(isSameService(service)),
	);
	if (own === undefined) return null;
	const { changeId, kind, service, revision, title, tMs } = own;
	return { changeId, title: title === '' ? `${kind} of ${service} ${revision}`.trim() : title, service, tMs };
}
