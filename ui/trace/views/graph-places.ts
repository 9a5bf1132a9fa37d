import type { GraphNode, ServiceGraph } from './service-graph.ts';

/** Pixels of a service, and from one to the next. */
export const BOX_WIDTH = 168;
export const BOX_HEIGHT = 48;
const acrossPx = 268;
const downPx = 76;
const padPx = 16;
/** Below, for the calls that lead back. */
const backPx = 24;

interface Place {
	x: number;
	y: number;
}

/** Where services stand: columns from caller to called, each in the middle of the height. */
export interface GraphPlaces {
	width: number;
	height: number;
	of(node: GraphNode): Place;
	/** SVG path of a call from one service to another. */
	path(from: GraphNode, to: GraphNode): string;
}

export function placeGraph({ nodes, columns, tallest }: ServiceGraph): GraphPlaces {
	const inColumn = Map.groupBy(nodes, ({ column }) => column);
	const of = ({ column, place }: GraphNode): Place => ({
		x: padPx + column * acrossPx,
		y: padPx + (place + (tallest - (inColumn.get(column)?.length ?? 0)) / 2) * downPx,
	});
	return {
		width: columns * acrossPx - (acrossPx - BOX_WIDTH) + padPx * 2,
		height: tallest * downPx - (downPx - BOX_HEIGHT) + padPx * 2 + backPx,
		of,
		path: (from, to) => (from.column >= to.column ? pathBack(of(from), of(to)) : pathOn(of(from), of(to))),
	};
}

/** From side to side; the arrow's head takes the last pixels. */
function pathOn(from: Place, to: Place): string {
	const [x1, y1] = [from.x + BOX_WIDTH, from.y + BOX_HEIGHT / 2];
	const [x2, y2] = [to.x - 3, to.y + BOX_HEIGHT / 2];
	const middle = (x1 + x2) / 2;
	return `M ${x1} ${y1} C ${middle} ${y1}, ${middle} ${y2}, ${x2} ${y2}`;
}

/** Below the services, from the middle of one to the middle of the other. */
function pathBack(from: Place, to: Place): string {
	const [x1, y1] = [from.x + BOX_WIDTH / 2, from.y + BOX_HEIGHT];
	const [x2, y2] = [to.x + BOX_WIDTH / 2, to.y + BOX_HEIGHT];
	return `M ${x1} ${y1} C ${x1} ${y1 + 60}, ${x2} ${y2 + 60}, ${x2} ${y2 + 3}`;
}
