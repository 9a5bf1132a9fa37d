/** How long of each period the engine stands still. */
const periodMs = 1_000;
const stoppedMs = 700;

/** A ClickHouse that gets less than a third of its time, as on a machine that does something else. Resolves when it runs freely again. */
export async function slowDown(pid: number, untilMs: number): Promise<void> {
	const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
	while (performance.now() < untilMs) {
		process.kill(pid, 'SIGSTOP');
		await sleep(stoppedMs);
		process.kill(pid, 'SIGCONT');
		await sleep(periodMs - stoppedMs);
	}
}
