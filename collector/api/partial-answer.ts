import type { Context } from 'hono';
import { z } from 'zod';
import type { Partial } from '../../schema/api.ts';
import { collectMissing } from '../missing-shards.ts';
import type { MissingShards } from '../missing-shards.ts';
import { joinPartials } from '../partials.ts';
import { ProblemError } from '../problem.ts';

/** Whether an answer has a place to say that it is partial. */
export const canBePartial = (answer: z.ZodType | undefined): boolean =>
	answer instanceof z.ZodObject && 'partial' in answer.shape;

/**
 * Answers with what there is while a shard of the cluster doesn't answer, and says so in `partial`, beside what it lacks anyway. What isn't found, or has no
 * place to say it, is a 503 then: it may lie on that shard.
 */
export async function answerWithMissing(c: Context, handle: () => Promise<Response>): Promise<Response> {
	const { outcome, missing } = await collectMissing(handle);
	if (missing.names.size === 0) return settled(outcome);
	const reason = reasonOf(missing);
	const isNotFound =
		outcome.status === 'rejected' && outcome.reason instanceof ProblemError && outcome.reason.status === 404;
	if (isNotFound) throw new ProblemError(503, 'SHARD_UNAVAILABLE', reason);
	const response = settled(outcome);
	if (!response.ok || !response.headers.get('content-type')?.startsWith('application/json')) {
		throw new ProblemError(503, 'SHARD_UNAVAILABLE', reason);
	}
	const answer = (await response.json()) as { partial?: Partial };
	const partial = { reason, seen: Math.max(0, missing.of - missing.names.size), of: missing.of, what: 'shards' };
	return c.json({ ...answer, ...joinPartials(partial, answer.partial) });
}

function settled(outcome: PromiseSettledResult<Response>): Response {
	if (outcome.status === 'rejected') throw outcome.reason;
	return outcome.value;
}

function reasonOf({ names }: MissingShards): string {
	const list = [...names].join(', ');
	return `${list} of the cluster ${names.size === 1 ? 'does' : 'do'} not answer; what lies there is missing`;
}
