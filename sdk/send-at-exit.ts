/** In the `exit` event Node awaits nothing: what is to be sent then is sent by another thread, and this one stands still meanwhile. */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { MessageChannel, receiveMessageOnPort, Worker } from 'node:worker_threads';
import type { SendTask } from './send-thread.ts';

const script = new URL('./send-thread.js', import.meta.url);

interface Sent {
	/** Not that time ran out. */
	isDone: boolean;
	problem?: string | undefined;
}

/** Sends bodies of requests to the endpoint that `env` names. Returns when they are answered, or after `timeoutMs`. Never throws. */
export function sendAtExit(bodies: readonly Uint8Array[], env: NodeJS.ProcessEnv, timeoutMs: number): Sent {
	const { port1: answers, port2: answer } = new MessageChannel();
	const done = new Int32Array(new SharedArrayBuffer(4));
	const task: SendTask = { bodies, answer, done };
	// A bundler that left the file behind: the thread would not say so before the time is up.
	if (!existsSync(script)) return { isDone: true, problem: `${fileURLToPath(script)} is missing` };
	try {
		// Without the flags of this process, which may trace every thread.
		const { NODE_OPTIONS: _, ...plain } = env;
		void new Worker(script, { execArgv: [], env: plain, workerData: task, transferList: [answer] });
	} catch (error) {
		return { isDone: true, problem: error instanceof Error ? error.message : String(error) };
	}
	if (Atomics.wait(done, 0, 0, timeoutMs) === 'timed-out') return { isDone: false };
	const received: { message: string } | undefined = receiveMessageOnPort(answers);
	return { isDone: true, problem: received?.message };
}
