import { OverviewWork } from './overview-work.ts';
import type { OverviewColumns } from './overview-work.ts';
import type { OverviewAnswer } from './trace-overview.ts';

let work: OverviewWork | undefined;

/** The first message carries the columns and the width, every later one another width. */
self.addEventListener('message', ({ data }: MessageEvent<{ columns?: OverviewColumns; width: number }>) => {
	const isFirst = data.columns !== undefined;
	if (data.columns !== undefined) work = new OverviewWork(data.columns);
	if (work === undefined) return;
	reply({ minimap: work.minimap(data.width) });
	if (isFirst) reply({ slow: work.slow() });
});

function reply(answer: OverviewAnswer): void {
	// A worker speaks to the page that started it, and to no other.
	// oxlint-disable-next-line unicorn/require-post-message-target-origin
	self.postMessage(answer);
}
