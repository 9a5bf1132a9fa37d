/** What a process of the demo says to the one that started it. */

/**
 * When the parent is gone, killed or not, its end of the channel closes: then this process has nothing left to do.
 * A terminal's Ctrl-C reaches every process at once; the parent's is the one that counts, since it knows the order.
 */
export function endWithParent(): void {
	process.on('SIGINT', () => undefined);
	process.once('disconnect', () => {
		if (!isEnding) process.exit(1);
	});
}

let isEnding = false;

/** Lets the process end by itself: an open channel to the parent would keep it. */
export function leaveParent(): void {
	isEnding = true;
	if (process.connected) process.disconnect();
}

export function announceReady(url: string): void {
	process.send?.({ kind: 'ready', url });
}

/** Called with a service's new address when one it calls has been deployed anew. */
export function onPeerMoved(moved: (variable: string, url: string) => void): void {
	process.on('message', (message: unknown) => {
		if (isPeerMoved(message)) moved(message.variable, message.url);
	});
}

export interface PeerMoved {
	kind: 'peer-moved';
	variable: string;
	url: string;
}

const isPeerMoved = (message: unknown): message is PeerMoved =>
	typeof message === 'object' && message !== null && 'kind' in message && message.kind === 'peer-moved';
