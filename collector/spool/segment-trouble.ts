import { messageOf } from '../problem.ts';

/** The file itself can't be read or removed, whatever else works. */
export class SegmentTrouble extends Error {
	override readonly name = 'SegmentTrouble';
}

export async function ofSegment<Result>(step: Promise<Result>): Promise<Result> {
	try {
		return await step;
	} catch (error) {
		throw new SegmentTrouble(messageOf(error));
	}
}
