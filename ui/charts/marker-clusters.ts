import type { Marker } from './chart-data.ts';

/** Markers that stand too close to be labelled one by one. */
export interface MarkerCluster {
	/** Where its first one stands. */
	atPx: number;
	/** By time, at least one. */
	markers: Marker[];
}

/** Where a cluster is named: behind `atPx`, or before it near the end of the chart. */
export interface MarkerLabel extends MarkerCluster {
	isBefore: boolean;
	/** So much is free of other labels. */
	roomPx: number;
}

/** About what a label takes; of a longer one the end is left out where it would meet another. */
const LABEL_PX = 64;
const GAP_PX = 8;

/** Of one, its label; of several, how many of what. */
export function nameOfMarkers(together: readonly Marker[]): string {
	const [first] = together;
	if (first !== undefined && together.length === 1) return first.label;
	const alerts = together.filter(({ look }) => look !== undefined).length;
	return `${together.length} ${alerts === 0 ? 'changes' : alerts === together.length ? 'alerts' : 'events'}`;
}

/** `x` grows with time from `leftPx` to `rightPx`. */
export function labelsOf(
	markers: readonly Marker[],
	x: (tMs: number) => number,
	[leftPx, rightPx]: readonly [leftPx: number, rightPx: number],
): MarkerLabel[] {
	const clusters = clustersOf(markers, x, LABEL_PX);
	const isBefore = ({ atPx }: MarkerCluster) => atPx > rightPx - LABEL_PX;
	return clusters.map((cluster, i) => {
		const { atPx } = cluster;
		const [last, next] = [clusters[i - 1], clusters[i + 1]];
		// Where two labels come towards each other, each has half.
		const behind = next === undefined ? rightPx - atPx : (next.atPx - atPx) / (isBefore(next) ? 2 : 1);
		const before = last === undefined ? atPx - leftPx : (atPx - last.atPx) / 2;
		return { ...cluster, isBefore: isBefore(cluster), roomPx: (isBefore(cluster) ? before : behind) - GAP_PX };
	});
}

/** Each marker in one cluster; clusters begin at least `roomPx` apart. `x` grows with time. */
export function clustersOf(markers: readonly Marker[], x: (tMs: number) => number, roomPx: number): MarkerCluster[] {
	const clusters: MarkerCluster[] = [];
	for (const marker of markers.toSorted((a, b) => a.tMs - b.tMs)) {
		const atPx = Math.round(x(marker.tMs)) + 0.5;
		const last = clusters.at(-1);
		if (last !== undefined && atPx - last.atPx < roomPx) last.markers.push(marker);
		else clusters.push({ atPx, markers: [marker] });
	}
	return clusters;
}
