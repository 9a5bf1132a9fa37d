/** What `work` resolves with; undefined when it takes longer than `ms`: it goes on then, and nobody hears how it ends. Rejects as it does. */
export async function withinTime<Result>(work: Promise<Result>, ms: number): Promise<Result | undefined> {
	let timer: NodeJS.Timeout | undefined;
	const late = new Promise<undefined>((resolve) => (timer = setTimeout(resolve, ms, undefined)));
	try {
		return await Promise.race([work, late]);
	} finally {
		clearTimeout(timer);
	}
}
