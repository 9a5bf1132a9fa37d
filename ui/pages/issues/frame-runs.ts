import type { StackFrame } from '../../../collector/analysis/exceptions/stack-frame.ts';

export interface FrameRun {
	isOwn: boolean;
	frames: StackFrame[];
}

/** Neighbouring frames that are both own, or both of libraries. */
export function frameRuns(frames: readonly StackFrame[]): FrameRun[] {
	const runs: FrameRun[] = [];
	for (const frame of frames) {
		const last = runs.at(-1);
		if (last?.isOwn === frame.isOwn) last.frames.push(frame);
		else runs.push({ isOwn: frame.isOwn, frames: [frame] });
	}
	return runs;
}
