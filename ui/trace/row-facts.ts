import type { IconName } from '../components/icon-paths.ts';
import { formatCount, formatDuration } from '../lib/format.ts';
import { serviceColor } from '../lib/service-hue.ts';
import {
	descendants,
	describeRow,
	durationOf,
	hasFlag,
	isParent,
	labelOf,
	nameOf,
	serviceOf,
	typeIcon,
	typeOf,
} from './span-facts.ts';
import type { TraceView } from './trace-view.svelte.ts';

/** What a level of the tree moves in, by how much room its column has; however deep, half of it is left for the name. */
export function indentOf(depth: number, labelWidth: number): number {
	const step = labelWidth < 240 ? 6 : 14;
	return Math.min(depth * step, Math.floor(labelWidth / (labelWidth < 240 ? 4 : 2) / step) * step);
}

/** What the line of one span says. Texts are empty for what it does not say. */
export interface RowFacts {
	position: number;
	depth: number;
	hasChildren: boolean;
	isFolded: boolean;
	/** Only where it differs from the line above it in the tree. */
	service: string;
	color: string;
	label: string;
	title: string;
	/** How many spans are hidden below. */
	below: string;
	status: string;
	isBadStatus: boolean;
	type: string;
	icon: IconName | undefined;
	isError: boolean;
	isOrphan: boolean;
	isSkewAdjusted: boolean;
	duration: string;
	words: string;
}

/** In one go: a signal for each of these costs more than working them all out again. */
export function rowFacts(view: TraceView, row: number): RowFacts {
	const { trace } = view;
	const isFolded = view.lines.isFolded(row);
	const status = trace.httpStatus[row] ?? 0;
	const type = typeOf(trace, row);
	return {
		...namesOf(view, row),
		position: view.visible.positionOf[row] ?? -1,
		depth: view.lines.level(row),
		hasChildren: isParent(trace, row),
		isFolded,
		below: isFolded ? `+${formatCount(descendants(trace, row))}` : '',
		status: status > 0 ? String(status) : '',
		isBadStatus: status >= 400,
		type,
		icon: typeIcon(type),
		isError: hasFlag(trace, row, 'error'),
		isOrphan: hasFlag(trace, row, 'orphan'),
		isSkewAdjusted: hasFlag(trace, row, 'skewAdjusted'),
		duration: formatDuration(durationOf(trace, row)),
		words: describeRow(trace, row),
	};
}

function namesOf(view: TraceView, row: number): Pick<RowFacts, 'service' | 'color' | 'label' | 'title'> {
	const { trace } = view;
	const service = serviceOf(trace, row);
	const label = labelOf(trace, row);
	const name = nameOf(trace, row);
	return {
		service: isNewService(view, row) ? (view.serviceLabels[trace.service[row] ?? 0] ?? '') : '',
		color: serviceColor(service),
		label,
		title: `${service}  ${label}${label === name ? '' : `  (${name})`}`,
	};
}

function isNewService({ trace, lines, root }: TraceView, row: number): boolean {
	if (row === root) return true;
	if (lines.groupOf(row) >= 0) return false;
	const parent = trace.parent[row] ?? -1;
	return parent < 0 || trace.service[parent] !== trace.service[row];
}
