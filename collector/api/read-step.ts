import { stepFor } from '../analysis/step.ts';
import { ProblemError } from '../problem.ts';
import { duration } from '../settings.ts';

const maxPoints = 1_500;

/** `step` in milliseconds, or one that cuts the window into about `points`. Throws when it makes too many points. */
export function readStep(step: string | undefined, windowMs: number, points: number): number {
	if (step === undefined) return stepFor(windowMs, points);
	let stepMs: number;
	try {
		stepMs = duration(step);
	} catch (error) {
		throw new ProblemError(400, 'BAD_STEP', `step is ${JSON.stringify(step)}; expected ${(error as Error).message}`);
	}
	if (windowMs / stepMs > maxPoints) {
		throw new ProblemError(400, 'BAD_STEP', `step ${step} cuts the window into more than ${maxPoints} points`);
	}
	return stepMs;
}
