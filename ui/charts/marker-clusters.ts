import type { Marker } from './chart-data.ts';

/** Markers that stand too close to be labelled one by one. */
export interface MarkerCluster {
	/** Where its first one stands. */
	atPx: number;
	/** By time, at least one. */
	markers: Marker[];
}

/** Of one, its label; of several, how many of what. */
export function nameOfMarkers(together: readonly Marker[]): string {
	const [first] = together;
	if (first !== undefined && together.length === 1) return first.label;
	const alerts = together.filter(({ look }) => look !== undefined).length;
	return `${together.length} ${alerts === 0 ? 'changes' : alerts === together.length ? 'alerts' : 'events'}`;
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
