/**
 * Entry of the child process that hosts the ClickHouse engine. Started by embedded-server.ts, which sends `ChildOptions` and,
 * at the end, 'stop'. The channel is the lifeline: when it closes, the parent is gone.
 */
import { DataType, load, open } from 'ffi-rs';
import { ENDLESS_QUERY_COMMENT, SECRET_HEADER } from './embedded-config.ts';

export interface ChildOptions {
	library: string;
	engineArguments: string[];
	port: number;
	secret: string;
}

/** The engine often doesn't return from its shutdown; nothing waits for it but unfinished merges, which it repeats. */
const stopTimeoutMs = 500;

process.on('disconnect', die);
// Service managers signal every process of a service at once; it is the parent who decides when its work is done.
process.on('SIGINT', () => {});
process.on('SIGTERM', () => {});
process.once('message', (options) => run(options as ChildOptions));

/** No exit handlers: the engine's can hang, and what was committed is synced. */
function die(): void {
	process.kill(process.pid, 'SIGKILL');
}

function run({ library, engineArguments, port, secret }: ChildOptions): void {
	process.once('message', () => void stop(port, secret));
	open({ library: 'chdb', path: library });
	// In a thread of its own, so that this event loop can watch the parent.
	const engine: Promise<unknown> = load({
		library: 'chdb',
		funcName: 'chdb_query_cmdline',
		retType: DataType.External,
		paramsType: [DataType.I32, DataType.StringArray],
		paramsValue: [engineArguments.length, engineArguments],
		runInNewThread: true,
	});
	engine.then(die, die);
}

/** Lets the engine finish by itself, for as long as that doesn't take too long. */
async function stop(port: number, secret: string): Promise<void> {
	setTimeout(die, stopTimeoutMs);
	const query = `KILL QUERY WHERE Settings['log_comment'] = '${ENDLESS_QUERY_COMMENT}'`;
	const request = { method: 'POST', body: query, headers: { [SECRET_HEADER]: secret } };
	await fetch(`http://127.0.0.1:${port}/`, request).catch(die);
}
