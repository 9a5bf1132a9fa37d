import { killEvaluator } from './alert-kills.ts';
import { damagedSpool, earlierSpool } from './damage.ts';
import * as connections from './connections.ts';
import * as kills from './kills.ts';
import * as outages from './outages.ts';
import type { Scenario } from './scenario.ts';
import { killOneOfThree, rollingRestart } from './several-collectors.ts';
import * as senders from './senders.ts';

/** By the numbers that the faults have among themselves; F3, power cuts on a model of a disk, is spool.model.test.ts. */
export const SCENARIOS: readonly Scenario[] = [
	// First, because it takes longest: the others end beside it.
	killEvaluator,
	kills.killCollector,
	kills.killBoth,
	kills.killAtCrashPoints,
	kills.killEngine,
	kills.killInnerEngine,
	outages.outages,
	outages.frozenEngine,
	outages.slowStore,
	outages.lostAnswers,
	outages.uncertainInserts,
	outages.scriptedErrors,
	outages.scarceMemory,
	outages.poison,
	outages.fullDisk,
	damagedSpool,
	connections.slowConnections,
	connections.brokenConnections,
	connections.overload,
	senders.malformed,
	senders.retryStorms,
	senders.badClocks,
	kills.stopUnderLoad,
	kills.stopWhileEngineHangs,
	rollingRestart,
	killOneOfThree,
	earlierSpool,
];
