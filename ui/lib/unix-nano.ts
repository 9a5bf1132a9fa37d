/** Milliseconds of a time that the API writes as decimal nanoseconds since 1970, cut. */
export const msOfNano = (unixNano: string): number => Number(BigInt(unixNano) / 1_000_000n);

/** The first millisecond that a span does not reach beyond, which is where its trace is looked for; exact to a microsecond. */
export const endMsOf = ({ startUnixNano, durationNano }: { startUnixNano: string; durationNano: number }): number =>
	Math.ceil((Number(BigInt(startUnixNano) / 1000n) + durationNano / 1000) / 1000);
