interface VersionSight {
	version: string;
	firstSeenMs: number;
}

/**
 * The version that an issue came with: the oldest that it was seen with, where its service was seen in an older one and the
 * issue never with that. Undefined where it may have been there before.
 * @param seenWith versions of all its occurrences, in no order; empty where one named none
 * @param versions of its service, newest first
 */
export function cameWith(
	seenWith: readonly string[],
	versions: readonly VersionSight[],
): { version: string; isNewest: boolean } | undefined {
	const places = seenWith.map((version) => versions.findIndex((known) => known.version === version));
	if (places.length === 0 || places.includes(-1)) return undefined;
	const oldest = Math.max(...places);
	const version = versions[oldest]?.version;
	if (version === undefined || oldest === versions.length - 1) return undefined;
	return { version, isNewest: oldest === 0 };
}
