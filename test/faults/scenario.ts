import { randomFrom } from '../bench/traffic.ts';
import type { Random } from '../fuzz/fuzz.ts';
import { beyondBounds } from './bound.ts';
import type { Bound } from './bound.ts';
import { FaultWorld } from './fault-world.ts';
import type { WorldOptions } from './fault-world.ts';
import { usualLoad } from './ledger.ts';
import type { Load } from './ledger.ts';
import { rollupProblems } from './shared-world.ts';
import type { SharedWorld } from './shared-world.ts';
import type { Kept } from './stored.ts';

export type OpenWorld = (options?: WorldOptions) => Promise<FaultWorld>;

export interface Scenario {
	name: string;
	/** How often the fault comes. */
	rounds: { short: number; long: number };
	/** Hurts; what is promised is looked at afterwards, and what was opened is closed. `skipped`: why this machine can't do it. */
	run(given: { rounds: number; random: Random; load: Load; open: OpenWorld }): Promise<Ran | { skipped: string }>;
}

export interface Ran {
	world: FaultWorld;
	notes?: string[];
	/** Others sent spans too, which no client kept a record of. */
	hasStrangers?: boolean;
	/** Collectors beside it stored spans, too: what it counts of itself is not all there is. */
	others?: readonly FaultWorld[];
	/** So many acknowledged spans were destroyed on the disk. */
	mayLose?: number;
	/** Figures of this fault alone. */
	bounds?: readonly Bound[];
	/** How long 99 of 100 clients may wait for what they are told. */
	ackAtMostMs?: number;
	refusedAtMostMs?: number;
}

export interface ScenarioReport extends Kept {
	logs: Kept;
	name: string;
	rounds: number;
	kills: number;
	bounds: Bound[];
	/** Of the collector's memory. */
	peakBytes: number;
	/** Answers 503, and connections that broke. */
	refused: number;
	broken: number;
	seconds: number;
	notes: string[];
	/** What is broken of the promise, in words; empty when it is kept. */
	problems: string[];
	/** Which bounds are not kept. */
	beyond: string[];
}

/** What is read and not stored yet is bounded, and so is all the rest: no fault makes the collector larger than this. */
const mostBytes = 1_500 * 1024 ** 2;

interface Running {
	rounds: number;
	random: Random;
	/** What most faults come under. */
	load?: Load;
	/** Not a world of its own: it is left as it is, and the rollup is whose it is to look at. */
	shared?: SharedWorld;
}

/** Runs it, heals, and holds what is stored against what clients were told. */
export async function runScenario(
	scenario: Scenario,
	{ rounds, random, load = usualLoad, shared }: Running,
): Promise<ScenarioReport | { skipped: string }> {
	const beganMs = performance.now();
	const opened: Pick<FaultWorld, 'close'>[] = [];
	const openOwn: OpenWorld = async (options = {}) => {
		const world = await FaultWorld.open({ random: randomFrom(Math.floor(random() * 2 ** 32)), ...options });
		// One that stands beside another is closed with it.
		if (options.beside === undefined) opened.push(world);
		return world;
	};
	let report: ScenarioReport | { skipped: string };
	try {
		const open = (await shared?.opener(scenario.name, random)) ?? openOwn;
		const ran = await scenario.run({ rounds, random, load, open });
		report =
			'skipped' in ran ? ran : await reportOf(ran, { name: scenario.name, rounds, beganMs }, shared !== undefined);
	} catch (error) {
		// That is why it failed, whatever may be wrong with closing now.
		await Promise.allSettled([...opened, ...(shared === undefined ? [] : [shared])].map((world) => world.close()));
		throw error;
	}
	for (const world of opened) await world.close();
	return report;
}

async function reportOf(
	ran: Ran,
	{ name, rounds, beganMs }: { name: string; rounds: number; beganMs: number },
	isShared: boolean,
): Promise<ScenarioReport> {
	const { world, notes = [], hasStrangers = false, others = [], mayLose = 0 } = ran;
	const conserved = others.length > 0 ? [] : await unconserved(world);
	const worlds = [world, ...others];
	const kept = await world.kept();
	const { statuses } = world.ledger;
	const bounds = boundsOf(ran, worlds);
	const peakBytes = Math.max(...worlds.map((one) => one.peakBytes));
	return {
		name,
		rounds,
		...kept,
		kills: worlds.reduce((total, { kills }) => total + kills, 0),
		bounds,
		beyond: beyondBounds(bounds),
		peakBytes,
		refused: statuses.get(503) ?? 0,
		broken: statuses.get(0) ?? 0,
		seconds: (performance.now() - beganMs) / 1_000,
		notes,
		problems: [
			...problemsOf(forgiving(kept, hasStrangers, mayLose)),
			...conserved,
			...(isShared ? [] : await rollupProblems(world)),
			...(peakBytes > mostBytes ? [`${Math.round(peakBytes / 2 ** 20)} MiB resident`] : []),
		],
	};
}

/** Starts and stops are those of whatever state the disk was in. */
function boundsOf(
	{ world, bounds = [], ackAtMostMs = 5_000, refusedAtMostMs = 1_000 }: Ran,
	worlds: readonly FaultWorld[],
): Bound[] {
	const slowest = (of: (one: FaultWorld) => number): number => Math.max(...worlds.map(of)) / 1_000;
	const { ackMs, refusalMs } = world.ledger;
	return [
		{ what: 'started within', value: slowest((one) => one.slowestStartMs), unit: 's', atMost: 10 },
		{ what: 'stopped within', value: slowest((one) => one.slowestStopMs), unit: 's', atMost: 15 },
		{ what: 'acknowledged within (p99)', value: p99(ackMs), unit: 'ms', atMost: ackAtMostMs },
		{ what: 'refused within (p99)', value: p99(refusalMs), unit: 'ms', atMost: refusedAtMostMs },
		...bounds,
	];
}

const p99 = (values: readonly number[]): number =>
	values.toSorted((a, b) => a - b)[Math.floor(values.length * 0.99)] ?? 0;

const forgiving = <Outcome extends Kept>(kept: Outcome, hasStrangers: boolean, mayLose: number): Outcome => ({
	...kept,
	foreign: hasStrangers ? 0 : kept.foreign,
	lost: Math.max(0, kept.lost - mayLose),
});

function problemsOf({ logs, ...spans }: Kept & { logs: Kept }): string[] {
	return [
		...(spans.acknowledged === 0 ? ['nothing was acknowledged'] : []),
		...unkept(spans, 'spans'),
		...unkept(logs, 'log records'),
	];
}

function unkept({ lost, doubled, foreign }: Kept, what: string): string[] {
	return [
		...(lost > 0 ? [`${lost} acknowledged ${what} are not stored`] : []),
		...(doubled > 0 ? [`${doubled} ${what} are stored more than once`] : []),
		...(foreign > 0 ? [`${foreign} ${what} are stored that nobody sent`] : []),
	];
}

/** What the collector counts of itself since its start: all that came in is somewhere. */
export async function unconserved(world: Pick<FaultWorld, 'settle' | 'metrics' | 'status'>): Promise<string[]> {
	await world.settle();
	const metrics = await world.metrics();
	const of = (name: string) => metrics.get(`spanhouse_${name}`) ?? 0;
	const [received, accepted, rejected] = [
		of('spans_received_total'),
		of('spans_accepted_total'),
		of('spans_rejected_total'),
	];
	const { spool } = await world.status();
	const problems: string[] = [];
	if (received !== accepted + rejected)
		problems.push(`${received} spans received, but ${accepted} accepted and ${rejected} rejected`);
	if (spool.spans !== 0) problems.push(`${spool.spans} spans are left in the spool`);
	// More than accepted: what a start before left behind is stored by this one. What came again is not among the accepted.
	const stored = of('spans_stored_total') + spool.quarantinedSpans;
	if (stored < accepted) problems.push(`${accepted} spans accepted, ${stored} stored or set aside`);
	return problems;
}
