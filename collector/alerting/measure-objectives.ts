import type { DeclaredDocument } from '../desired/documents.ts';
import { messageOf, ProblemError } from '../problem.ts';
import type { Measured } from './evaluate/evaluate.ts';
import { isPassing } from './measure-alerts.ts';
import { burnSample } from './objectives/budget.ts';
import { objectiveOf } from './objectives/objective.ts';
import type { Objective } from './objectives/objective.ts';
import type { ObjectiveRecorder, RecordedObjective } from './objectives/recorder.ts';
import { objectiveId } from './watched.ts';
import type { MeasureBatch, TickRange, Watched } from './watched.ts';

/** An objective's burn rates at the ends of minutes. */
export function measureObjectives(recorder: ObjectiveRecorder): MeasureBatch {
	return async (batch, range) => {
		const measured = new Map<Watched, Measured[]>();
		for (const watched of batch) measured.set(watched, await measureObjective(recorder, watched, range));
		return measured;
	};
}

async function measureObjective(
	recorder: ObjectiveRecorder,
	watched: Watched,
	{ fromMs, toMs }: TickRange,
): Promise<Measured[]> {
	const ticks: number[] = [];
	for (let tMs = fromMs; tMs <= toMs; tMs += watched.rule.everyMs) ticks.push(tMs);
	try {
		const { objective, recorded } = recordedObjective(watched.project, watched.declared as DeclaredDocument<'SLO'>);
		const { counts } = await recorder.upTo(recorded, toMs);
		return ticks.map((tMs) => ({ kind: 'values', tMs, groups: new Map([['[]', burnSample(objective, counts, tMs)]]) }));
	} catch (error) {
		if (error instanceof ProblemError && isPassing(error)) throw error;
		return ticks.map((tMs) => ({ kind: 'error', tMs, reason: messageOf(error) }));
	}
}

export interface CountedObjective {
	objective: Objective;
	recorded: RecordedObjective;
}

/** Throws `ProblemError` where the document can't be an objective. */
export function recordedObjective(
	project: string,
	{ document }: Pick<DeclaredDocument<'SLO'>, 'document'>,
): CountedObjective {
	const read = objectiveOf(document);
	if (read.kind === 'problems') {
		const problems = read.problems.map(({ path, message }) => `${path}: ${message}`).join('; ');
		throw new ProblemError(400, 'BAD_DOCUMENT', problems);
	}
	const { objective } = read;
	const { spec } = document;
	const keptMs = Math.max(objective.windowMs, ...objective.burnRates.map(({ longMs }) => longMs), 3 * 86_400_000);
	return { objective, recorded: { project, id: objectiveId(spec), spec, keptMs } };
}
