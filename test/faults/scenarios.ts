import { killEvaluator } from './alert-kills.ts';
import { damagedSpool, earlierSpool } from './damage.ts';
import * as fullDisks from './full-disks.ts';
import * as connections from './connections.ts';
import * as kills from './kills.ts';
import * as outages from './outages.ts';
import type { Scenario } from './scenario.ts';
import { killOneOfThree, rollingRestart } from './several-collectors.ts';
import * as senders from './senders.ts';

/** They need a world of their own: ClickHouse inside, or a collector that is told to die. What takes longest comes first. */
export const ALONE: readonly Scenario[] = [
	killEvaluator,
	kills.killAtCrashPoints,
	kills.killBoth,
	kills.killInnerEngine,
];

/** In the long form alone: what each of them needs besides would be started for this one moment. */
const LONG_ONLY: readonly Scenario[] = [fullDisks.fullStoreDisk, fullDisks.fullSharedDisk];

/**
 * They may come one after the other in one world, in this order: the spool of an earlier version has the first ids, damage is for a
 * spool that holds little else, errors of ClickHouse make the collector insert little at a time until it is started again, and what
 * leaves behind spans of strangers or further collectors comes last.
 */
export const IN_TURN: readonly Scenario[] = [
	earlierSpool,
	damagedSpool,
	outages.scarceMemory,
	kills.killCollector,
	senders.retryStorms,
	kills.killEngine,
	outages.scriptedErrors,
	kills.stopUnderLoad,
	kills.stopWhileEngineHangs,
	outages.outages,
	outages.frozenEngine,
	outages.slowStore,
	outages.lostAnswers,
	connections.slowConnections,
	connections.brokenConnections,
	connections.overload,
	senders.badClocks,
	outages.poison,
	senders.malformed,
	outages.uncertainInserts,
	fullDisks.fullSpoolDisk,
	rollingRestart,
	killOneOfThree,
];

/** By the numbers that the faults have among themselves; F3, power cuts on a model of a disk, is spool.model.test.ts. */
export const SCENARIOS: readonly Scenario[] = [...ALONE, ...LONG_ONLY, ...IN_TURN].toSorted((a, b) =>
	a.name.localeCompare(b.name, 'en', { numeric: true }),
);
