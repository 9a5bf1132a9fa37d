/** The people in the shop. Not traced, as browsers mostly aren't: their requests begin at the storefront. */
import { setTimeout as sleep } from 'node:timers/promises';
import { announceReady, endWithParent, leaveParent } from '../child-process.ts';
import { seededRandom } from '../random.ts';
import { setting } from '../service.ts';
import { nextArrivalMs } from './day.ts';
import { Visits } from './visits.ts';
import type { Visit } from './visits.ts';

const maxUnanswered = 100;
const requestTimeoutMs = 15_000;

const ratePerSecond = Number(setting('SHOP_RATE'));
const dayMs = Number(setting('SHOP_MINUTES')) * 60_000;
const random = seededRandom(Number(setting('SHOP_SEED')));
const secondsBetweenRequests = 2;
const visits = new Visits(random, Math.max(8, Math.round(ratePerSecond * secondsBetweenRequests)));
const stopping = new AbortController();
process.once('SIGTERM', () => stopping.abort());

const unanswered = new Set<Promise<void>>();
const counts = { requests: 0, failed: 0, skipped: 0 };

endWithParent();
announceReady('');
const startedMs = performance.now();
for (let dueMs = 0; !stopping.signal.aborted;) {
	dueMs += nextArrivalMs(ratePerSecond, dueMs / dayMs, random);
	const waitMs = dueMs - (performance.now() - startedMs);
	if (waitMs > 0) await sleep(waitMs, undefined, { signal: stopping.signal }).catch(() => undefined);
	const visit = visits.next();
	if (unanswered.size >= maxUnanswered) counts.skipped += 1;
	else if (!stopping.signal.aborted) begin(visit);
}
await Promise.all(unanswered);
const skipped = counts.skipped === 0 ? '' : `, ${counts.skipped} left out because the shop was too slow`;
console.log(`  ${counts.requests} requests, ${counts.failed} failed${skipped}`);
leaveParent();

function begin(visit: Visit): void {
	const answered = request(visit).finally(() => unanswered.delete(answered));
	unanswered.add(answered);
}

async function request({ visitor, method, path, body }: Visit): Promise<void> {
	counts.requests += 1;
	try {
		const response = await fetch(`${setting('WEB_URL')}${path}`, {
			method,
			headers: {
				'content-type': 'application/json',
				'x-user-id': visitor.userId,
				'x-session-id': visitor.sessionId,
				'x-customer-tier': visitor.tier,
			},
			...(body === undefined ? {} : { body: JSON.stringify(body) }),
			signal: AbortSignal.timeout(requestTimeoutMs),
		});
		await response.arrayBuffer();
		if (response.status >= 500) counts.failed += 1;
	} catch {
		counts.failed += 1;
	}
}
