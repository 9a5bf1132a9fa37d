/**
 * Sends what is still queued when the process is about to end, without changing how it ends: the same exit code, the
 * same signal, the same printed error, the app's own handlers first in charge.
 */

/** The last is nodemon's. Not SIGHUP: `nohup` has it ignored, and who listens to it once is ended by it afterwards. */
const SIGNALS = ['SIGTERM', 'SIGINT', 'SIGUSR2'] as const;

/** Settles within a bound of its own, never rejects, and says whether it was done in time. */
export type Flush = () => Promise<boolean>;

interface LastFlush {
	flush: Flush;
	/** Returns when it is done, within a bound of its own. Nothing is sent after it. */
	flushSync: () => void;
}

/** Returns a function that takes the handlers away again. */
export function flushOnExit({ flush, flushSync }: LastFlush): () => void {
	// The end by `process.exit` and by an exception, and whatever else leaves no time for more.
	process.once('exit', flushSync);
	const removers = [
		() => void process.off('exit', flushSync),
		flushWhenIdle({ flush, flushSync }),
		...SIGNALS.map((signal) => flushOnSignal(signal, flush)),
	];
	return () => removers.forEach((remove) => remove());
}

function flushWhenIdle({ flush, flushSync }: LastFlush): () => void {
	const onBeforeExit = (): void =>
		void flush().then((isDone) => {
			if (isDone) return;
			// The exporter goes on trying, and its timers would hold a process that had nothing left to do.
			process.off('exit', flushSync);
			process.exit();
		});
	// Once: the flush itself makes the event loop run dry a second time.
	process.once('beforeExit', onBeforeExit);
	return () => process.off('beforeExit', onBeforeExit);
}

function flushOnSignal(signal: NodeJS.Signals, flush: Flush): () => void {
	let isEnding = false;
	const remove = (): void => void process.off(signal, onSignal);
	const endAsWithoutUs = (): void => {
		remove();
		process.kill(process.pid, signal);
	};
	const onSignal = (): void => {
		// A handler of the app's decides when to exit; without one the signal ends the process, by our hand or not.
		const appDecides = process.listenerCount(signal) > 1;
		if (isEnding && !appDecides) return endAsWithoutUs();
		isEnding = true;
		void flush().then(() => (appDecides ? undefined : endAsWithoutUs()));
	};
	// First, so that a `once` handler of the app's is still counted when ours runs.
	process.prependListener(signal, onSignal);
	return remove;
}
