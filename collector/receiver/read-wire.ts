import type { Context } from 'hono';
import { messageOf, ProblemError } from '../problem.ts';
import { BodyPace } from './body-pace.ts';
import type { LeastPace } from './body-pace.ts';
import { bodyTooLarge } from './content-encoding.ts';
import type { BodyLimits } from './content-encoding.ts';
import { GrowingBody } from './growing-body.ts';
import { incomingOf } from './incoming.ts';
import type { RequestRoom } from './request-room.ts';

/**
 * The body as it was sent, read no further than the limit, nor than there is room, nor slower than a body may come; from
 * Node's own stream, where there is one, which spares a copy or two.
 */
export async function readWire(c: Context, limits: BodyLimits, room: RequestRoom): Promise<Uint8Array> {
	const header = Number(c.req.header('content-length') ?? Number.NaN);
	const length = Number.isInteger(header) ? header : undefined;
	if (header > limits.maxBodyBytes) throw bodyTooLarge(limits);
	room.expect(length ?? 0);
	const body = new GrowingBody(length, room.take);
	try {
		// Left as it is when we stop halfway: destroying it would leave the client of a kept connection without an answer.
		const chunks = incomingOf(c)?.iterator({ destroyOnReturn: false }) ?? c.req.raw.body;
		const add = (chunk: Uint8Array): void => {
			if (body.size + chunk.length > limits.maxBodyBytes) throw bodyTooLarge(limits);
			body.add(chunk);
		};
		if (chunks !== null) await readAtPace(chunks[Symbol.asyncIterator](), limits.leastPace, add);
		return body.end();
	} catch (error) {
		if (error instanceof ProblemError) throw error;
		throw new ProblemError(400, 'BODY_INCOMPLETE', `the body ended before it was whole: ${messageOf(error)}`);
	}
}

/** Until the end; throws a ProblemError when chunks come too slowly, and what `take` throws. */
async function readAtPace(
	chunks: AsyncIterator<Uint8Array>,
	leastPace: LeastPace | undefined,
	take: (chunk: Uint8Array) => void,
): Promise<void> {
	let giveUp: (problem: ProblemError) => void = () => {};
	const pace = new BodyPace((problem) => giveUp(problem), leastPace);
	try {
		for (;;) {
			// One promise for each chunk: what races against one of the whole body is kept as long as that is.
			const { promise, resolve, reject } = Promise.withResolvers<IteratorResult<Uint8Array, unknown>>();
			giveUp = reject;
			chunks.next().then(resolve, reject);
			const next = await promise;
			if (next.done) return;
			pace.came(next.value.length);
			take(next.value);
		}
	} finally {
		pace.stop();
		// Not waited for: where chunks come too slowly, this comes after the next one.
		chunks.return?.().catch(() => {});
	}
}
