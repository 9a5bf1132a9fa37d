/** By which versions are told apart: the latency of most, of the slowest, how many fail, and how much each gets. */
export const VERSION_MEASURES = ['p95', 'p50', 'p99', 'errorPercent', 'requestsPerSecond'] as const;
export type VersionMeasure = (typeof VERSION_MEASURES)[number];
