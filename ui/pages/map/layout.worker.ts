import { mapLayout } from './layout.ts';
import type { Layable } from './layout.ts';

/** One map, one answer. */
self.addEventListener('message', ({ data }: MessageEvent<Layable>) => {
	// A worker speaks to the page that started it, and to no other.
	// oxlint-disable-next-line unicorn/require-post-message-target-origin
	self.postMessage(mapLayout(data));
});
