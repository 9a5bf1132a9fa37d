import type { Context } from 'hono';
import { deployAnswer, deployRequest } from '../../schema/api-changes.ts';
import type { Comparison, DeployAnswer } from '../../schema/api-changes.ts';
import type { Partial, TimeWindow } from '../../schema/api.ts';
import { judgeDeploy, LEAST_SPANS, together } from '../analysis/deploy-verdict.ts';
import { deploysSeen, nameOf } from '../analysis/version-sights.ts';
import type { Deploy } from '../analysis/version-sights.ts';
import { cutPartial, joinPartials } from '../partials.ts';
import { ProblemError } from '../problem.ts';
import type {
	ChangeReader,
	Counted,
	OperationCounts,
	ServiceCounts,
	SideCounts,
	VersionSight,
} from '../store/counts/change-reader.ts';
import type { RedReader, WindowScope } from '../store/reader-types.ts';
import { changesIn, lookBack } from './changes.ts';
import { route } from './route.ts';
import type { Route } from './route.ts';
import { deployContents, firstOf } from './deploy-contents.ts';
import type { ContentSources } from './deploy-contents.ts';
import { readScope } from './scope.ts';
import { resolveService } from './service-name.ts';

const hourMs = 3_600_000;
/** Operations that are compared: those with the most requests. */
const maxOperations = 200;
const maxNames = 100;

interface DeploySources extends ContentSources {
	red: RedReader;
	clock: () => number;
}

/** What a deploy did: the version against the others of its time, or against the time before. */
export function deployRoutes(sources: DeploySources): Route[] {
	const { changes, clock } = sources;
	return [
		route({
			path: '/deploys/{service}/{version}',
			role: 'viewer',
			summary:
				'Errors and latency by operation after a version was first seen, against before, with a verdict; new issues, queries and dependencies',
			query: deployRequest,
			answer: deployAnswer,
			handle: async (c, query) => {
				const base = { ...readScope(c, query), ...(query.env === undefined ? {} : { environment: query.env }) };
				const nowMs = clock();
				const deploy = await findDeploy(sources, { ...base, window: lookBack(nowMs) }, c);
				const scope = { ...base, environment: deploy.environment };
				const after = { fromMs: deploy.firstMs, toMs: Math.min(nowMs, deploy.firstMs + query.hours * hourMs) };
				const [sides, told, contents] = await Promise.all([
					readSides(changes, scope, deploy, after),
					toldOf(changes, scope, deploy),
					query.parts === 'all' ? deployContents(sources, scope, deploy, after) : undefined,
				]);
				return c.json<DeployAnswer>({
					service: nameOf(deploy),
					environment: deploy.environment,
					version: deploy.version,
					previous: deploy.previous ?? null,
					firstSeenMs: deploy.firstMs,
					told,
					after,
					...sides.baseline,
					...compare(sides),
					...(contents === undefined ? {} : { contents }),
				});
			},
		}),
	];
}

/** The newest first sight of the version, whichever environment it was in. */
async function findDeploy(
	{ changes, red }: DeploySources,
	scope: WindowScope,
	c: Context,
): Promise<Deploy<VersionSight>> {
	const [written, version] = [c.req.param('service') ?? '', c.req.param('version') ?? ''];
	const { versions, total } = await changes.versions(scope, await resolveService(red, scope, written));
	const found = deploysSeen(versions, { fromMs: 0, toMs: Infinity })
		.filter((deploy) => deploy.version === version)
		.sort((a, b) => b.firstMs - a.firstMs)[0];
	if (found !== undefined) return found;
	const looked = versions.length < total ? `, of whose ${total} versions the newest ${versions.length} are known` : '';
	throw new ProblemError(404, 'NO_SUCH_DEPLOY', `no spans of ${written} with service.version ${version}${looked}`);
}

/** Who told of it, up to an hour before its first sight. */
async function toldOf(
	changes: ChangeReader,
	scope: Omit<WindowScope, 'window'>,
	{ service, namespace, version, firstMs }: VersionSight,
): Promise<DeployAnswer['told']> {
	const window = { fromMs: firstMs - hourMs, toMs: firstMs + 1 };
	const told = await changesIn(changes, { ...scope, window }, { kind: 'deploy', service: { service, namespace } });
	return told.find(({ revision }) => revision === version) ?? null;
}

interface Sides {
	before: ServiceCounts;
	after: ServiceCounts;
	partial: Partial | undefined;
	baseline: { baseline: DeployAnswer['baseline']; before: TimeWindow };
}

/** Others beside it say more than the time before, which had another load: as long as there are enough of them. */
async function readSides(
	changes: ChangeReader,
	scope: Omit<WindowScope, 'window'>,
	deploy: VersionSight,
	after: TimeWindow,
): Promise<Sides> {
	const service = { service: deploy.service, namespace: deploy.namespace };
	const { version, others, read } = await changes.sides({ ...scope, window: after }, service, deploy.version);
	if (others.entry.side.spans >= LEAST_SPANS) {
		const baseline = { baseline: 'concurrent', before: after } as const;
		return { before: others, after: version, partial: sidesCut(read), baseline };
	}
	const before = { fromMs: after.fromMs - (after.toMs - after.fromMs), toMs: after.fromMs };
	const earlier = await changes.sides({ ...scope, window: before }, service, deploy.version);
	const reads = [read, earlier.read];
	const sum = (figure: 'seen' | 'of') => reads.reduce((all, each) => all + each[figure], 0);
	const partial = sidesCut({ seen: sum('seen'), of: sum('of') });
	return { before: earlier.others, after: version, partial, baseline: { baseline: 'before', before } };
}

/** What is missing is missing in the service as a whole too. */
const sidesCut = ({ seen, of }: SideCounts['read']): Partial | undefined =>
	cutPartial('the requests of those that are called least are not counted', seen, of, 'operations of both sides');

function compare({ before, after, partial }: Sides) {
	const earlier = new Map(before.operations.map((operation) => [keyOf(operation), operation]));
	const later = new Set(after.operations.map(keyOf));
	const both = after.operations.filter((operation) => earlier.has(keyOf(operation)));
	const compared = both.slice(0, maxOperations);
	const tests = compared.length + 1;
	const operations = compared.map((operation) => ({
		operation: operation.operation,
		kind: operation.kind,
		...comparison(earlier.get(keyOf(operation)) ?? operation, operation, tests),
	}));
	const entry = comparison(before.entry, after.entry, tests);
	// Rare operations never have enough spans: they don't make a clear whole unsure.
	const clear = operations.map(({ verdict }) => verdict).filter((verdict) => verdict !== 'unsure');
	return {
		verdict: together([entry.verdict, ...clear]),
		entry,
		operations,
		newOperations: namesOf(after.operations.filter((operation) => !earlier.has(keyOf(operation)))),
		goneOperations: namesOf(before.operations.filter((operation) => !later.has(keyOf(operation)))),
		...joinPartials(cutPartial('the operations with the most requests', compared.length, both.length), partial),
	};
}

function comparison(before: Counted, after: Counted, tests: number): Comparison {
	const { errors, slow } = judgeDeploy(before.side, after.side, tests);
	return { before: before.red, after: after.red, errors, slow, verdict: together([errors.verdict, slow.verdict]) };
}

const keyOf = ({ kind, operation }: OperationCounts): string => `${kind} ${operation}`;

const namesOf = (operations: readonly OperationCounts[]): DeployAnswer['newOperations'] =>
	firstOf([...new Set(operations.map(({ operation }) => operation))], maxNames, 'those with the most requests');
