/** What a process of the demo says to the one that started it. */

/**
 * When the parent is gone, killed or not, its end of the channel closes: then this process has nothing left to do.
 * A terminal's Ctrl-C reaches every process at once; the parent's is the one that counts, since it knows the order.
 */
export function endWithParent(): void {
	process.on('SIGINT', () => undefined);
	// It may have gone while this process was loading.
	if (!process.connected) process.exit(1);
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

/** Called with the address of each service once it has one, and again when it is deployed anew. */
export function onPeerAt(tell: (variable: string, url: string) => void): void {
	process.on('message', (message: unknown) => {
		if (isPeerAt(message)) tell(message.variable, message.url);
	});
}

export interface PeerAt {
	kind: 'peer-at';
	variable: string;
	url: string;
}

const isPeerAt = (message: unknown): message is PeerAt =>
	typeof message === 'object' && message !== null && 'kind' in message && message.kind === 'peer-at';
