import { messageOf } from './problem.ts';

/** The first SIGTERM or SIGINT drains, the second ends at once. */
export function stopOnSignal({ close, tell }: { close: () => Promise<void>; tell: (problem: string) => void }): void {
	let isStopping = false;
	const stop = (): void => {
		if (isStopping) process.exit(1);
		isStopping = true;
		close().then(
			() => process.exit(0),
			(error: unknown) => {
				tell(`stopping: ${messageOf(error)}`);
				process.exit(1);
			},
		);
	};
	process.on('SIGTERM', stop);
	process.on('SIGINT', stop);
}
