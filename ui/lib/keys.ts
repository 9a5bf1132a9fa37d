/** Where a key works: everywhere, in lists, where an issue or alert is at hand, on the map, or on the trace screen. */
export const KEY_SCOPES = ['global', 'list', 'issue', 'alert', 'map', 'trace'] as const;
export type KeyScope = (typeof KEY_SCOPES)[number];

export interface KeyBinding {
	scope: KeyScope;
	/** As `KeyboardEvent.key`; two keys one after the other are parted by a space. `Mod` is Ctrl or ⌘. */
	keys: readonly string[];
	action: string;
	/** For the help, as an order: "Open the row". */
	does: string;
	/** Takes a global key over while its screen is open. */
	overrides?: true;
}

/** Every key of the screens; nothing else may listen for one. */
export const KEY_BINDINGS = [
	{ scope: 'global', keys: ['?'], action: 'help', does: 'Show these keys' },
	{ scope: 'global', keys: ['Mod+k'], action: 'palette', does: 'Jump to anything' },
	{ scope: 'global', keys: ['/'], action: 'search', does: 'Search' },
	{ scope: 'global', keys: ['g n'], action: 'go-now', does: 'Go to what matters now' },
	{ scope: 'global', keys: ['g s'], action: 'go-services', does: 'Go to services' },
	{ scope: 'global', keys: ['g t'], action: 'go-traces', does: 'Go to traces' },
	{ scope: 'global', keys: ['g v'], action: 'go-explore', does: 'Go to explore' },
	{ scope: 'global', keys: ['g e'], action: 'go-issues', does: 'Go to issues' },
	{ scope: 'global', keys: ['g d'], action: 'go-database', does: 'Go to databases' },
	{ scope: 'global', keys: ['g x'], action: 'go-external', does: 'Go to external calls' },
	{ scope: 'global', keys: ['g m'], action: 'go-map', does: 'Go to the map' },
	{ scope: 'global', keys: ['g c'], action: 'go-changes', does: 'Go to changes' },
	{ scope: 'global', keys: ['g a'], action: 'go-alerts', does: 'Go to alerts' },
	{ scope: 'global', keys: ['g o'], action: 'go-objectives', does: 'Go to objectives' },
	{ scope: 'global', keys: ['g f'], action: 'go-config', does: 'Go to the configuration' },
	{ scope: 'global', keys: ['g w'], action: 'go-welcome', does: 'Go to send data' },
	{ scope: 'global', keys: ['g ,'], action: 'go-settings', does: 'Go to settings' },
	{ scope: 'global', keys: ['t'], action: 'time', does: 'Choose the time range' },
	{ scope: 'global', keys: ['['], action: 'time-back', does: 'One time range back' },
	{ scope: 'global', keys: [']'], action: 'time-forward', does: 'One time range forward' },
	{ scope: 'global', keys: ['l'], action: 'live', does: 'Live on or off' },
	{ scope: 'global', keys: ['r'], action: 'refresh', does: 'Refresh' },
	{ scope: 'global', keys: ['y'], action: 'copy-link', does: 'Copy a link with fixed times' },
	{ scope: 'global', keys: ['Escape'], action: 'close', does: 'Close the top layer' },
	{ scope: 'list', keys: ['j', 'ArrowDown'], action: 'next', does: 'Next row' },
	{ scope: 'list', keys: ['k', 'ArrowUp'], action: 'previous', does: 'Previous row' },
	{ scope: 'list', keys: ['Enter'], action: 'open', does: 'Open the row' },
	{ scope: 'list', keys: [' '], action: 'preview', does: 'Show the trace beside the list' },
	{ scope: 'list', keys: ['x'], action: 'compare', does: 'Choose the trace; two are compared' },
	{ scope: 'list', keys: ['h'], action: 'heatmap', does: 'Heatmap of a service, on or off' },
	{ scope: 'list', keys: ['s'], action: 'sort-next', does: 'Sort by the next column' },
	{ scope: 'list', keys: ['c'], action: 'copy-query', does: 'Copy the database query' },
	{ scope: 'list', keys: ['o'], action: 'open-traces', does: 'Open its traces' },
	{ scope: 'list', keys: ['e'], action: 'open-errors', does: 'Open its errors' },
	{ scope: 'issue', keys: ['A'], action: 'issue-acknowledge', does: 'Acknowledge the issue, or those that are chosen' },
	{ scope: 'issue', keys: ['R'], action: 'issue-resolve', does: 'Resolve the issue, or those that are chosen' },
	{ scope: 'issue', keys: ['I'], action: 'issue-ignore', does: 'Ignore the issue, or those that are chosen' },
	{ scope: 'issue', keys: ['U'], action: 'issue-reopen', does: 'Make the issue, or those that are chosen, new again' },
	{
		scope: 'issue',
		keys: ['O'],
		action: 'issue-owner',
		does: 'Say who takes care of the issue, or of those that are chosen',
	},
	{ scope: 'issue', keys: ['C'], action: 'issue-comment', does: 'Comment on the issue' },
	{
		scope: 'issue',
		keys: ['x'],
		action: 'issue-choose',
		does: 'Choose the issue, to decide of several at once or to merge them',
	},
	{
		scope: 'issue',
		keys: ['X'],
		action: 'issue-choose-range',
		does: 'Choose all issues from the one that was chosen last to this one',
	},
	{ scope: 'issue', keys: ['M'], action: 'issue-merge', does: 'Merge the chosen issues, or the issue with others' },
	{ scope: 'issue', keys: ['.'], action: 'sample-next', does: 'Next sample' },
	{ scope: 'issue', keys: [','], action: 'sample-previous', does: 'Previous sample' },
	{ scope: 'alert', keys: ['n'], action: 'alert-new', does: 'New alert' },
	{ scope: 'alert', keys: ['A'], action: 'firing-acknowledge', does: 'Acknowledge the firing' },
	{ scope: 'alert', keys: ['M'], action: 'alert-mute', does: 'Mute the alert for an hour' },
	{ scope: 'map', keys: ['ArrowRight'], action: 'map-right', does: 'The node to the right' },
	{ scope: 'map', keys: ['ArrowLeft'], action: 'map-left', does: 'The node to the left' },
	{ scope: 'map', keys: ['ArrowUp'], action: 'map-up', does: 'The node above' },
	{ scope: 'map', keys: ['ArrowDown'], action: 'map-down', does: 'The node below' },
	{ scope: 'map', keys: ['f'], action: 'map-focus', does: 'Show what is around the node' },
	{ scope: 'map', keys: ['e'], action: 'map-group', does: 'Open or close the namespace of the node' },
	{ scope: 'map', keys: ['+', '='], action: 'map-zoom-in', does: 'Zoom in' },
	{ scope: 'map', keys: ['-'], action: 'map-zoom-out', does: 'Zoom out' },
	{ scope: 'map', keys: ['0'], action: 'map-fit', does: 'Show the whole map' },
	{ scope: 'list', keys: ['f'], action: 'facets', does: 'Go to the facets' },
	{ scope: 'list', keys: ['b'], action: 'brush', does: 'Go to the heatmap, to draw a rectangle' },
	{ scope: 'trace', keys: ['ArrowDown'], action: 'span-next', does: 'Next span' },
	{ scope: 'trace', keys: ['ArrowUp'], action: 'span-previous', does: 'Previous span' },
	{ scope: 'trace', keys: ['ArrowRight'], action: 'span-in', does: 'Expand, or first child' },
	{ scope: 'trace', keys: ['ArrowLeft'], action: 'span-out', does: 'Collapse, or parent' },
	{ scope: 'trace', keys: ['Home'], action: 'span-first', does: 'First span' },
	{ scope: 'trace', keys: ['End'], action: 'span-last', does: 'Last span' },
	{ scope: 'trace', keys: ['PageUp'], action: 'span-page-up', does: 'One page up' },
	{ scope: 'trace', keys: ['PageDown'], action: 'span-page-down', does: 'One page down' },
	{ scope: 'trace', keys: ['Enter'], action: 'span-details', does: 'Show details' },
	{ scope: 'trace', keys: ['*'], action: 'expand-siblings', does: 'Expand siblings' },
	{ scope: 'trace', keys: ['Shift+*'], action: 'expand-all', does: 'Expand all' },
	{ scope: 'trace', keys: ['w'], action: 'zoom-in', does: 'Zoom in' },
	{ scope: 'trace', keys: ['s'], action: 'zoom-out', does: 'Zoom out' },
	{ scope: 'trace', keys: ['a'], action: 'pan-left', does: 'Earlier' },
	{ scope: 'trace', keys: ['d'], action: 'pan-right', does: 'Later' },
	{ scope: 'trace', keys: ['f'], action: 'zoom-fit', does: 'Fit the span' },
	{ scope: 'trace', keys: ['0'], action: 'zoom-reset', does: 'Show the whole trace' },
	{ scope: 'trace', keys: ['x'], action: 'root', does: 'Show this subtree alone' },
	{ scope: 'trace', keys: ['m'], action: 'mark', does: 'Mark the time of the span' },
	{ scope: 'trace', keys: ['p'], action: 'pin', does: 'Pin the span on top' },
	{ scope: 'trace', keys: ['n'], action: 'match-next', does: 'Next match' },
	{ scope: 'trace', keys: ['N'], action: 'match-previous', does: 'Previous match' },
	{ scope: 'trace', keys: ['e'], action: 'error-next', does: 'Next error' },
	{ scope: 'trace', keys: ['E'], action: 'error-previous', does: 'Previous error' },
	{ scope: 'trace', keys: ['c'], action: 'path-next', does: 'On along the critical path' },
	{ scope: 'trace', keys: ['C'], action: 'path-previous', does: 'Back along the critical path' },
	{ scope: 'trace', keys: ['1'], action: 'view-waterfall', does: 'Waterfall' },
	{ scope: 'trace', keys: ['2'], action: 'view-flame', does: 'Flame chart' },
	{ scope: 'trace', keys: ['3'], action: 'view-table', does: 'Spans by group' },
	{ scope: 'trace', keys: ['4'], action: 'view-logs', does: 'Events and logs' },
	{ scope: 'trace', keys: ['5'], action: 'view-graph', does: 'Services of the trace' },
	{ scope: 'trace', keys: ['6'], action: 'view-json', does: 'The trace as JSON' },
	{ scope: 'trace', keys: ['i'], action: 'trace-issues', does: 'Issues that occurred in the trace' },
	{ scope: 'trace', keys: ['.'], action: 'sibling-next', does: 'Next sibling' },
	{ scope: 'trace', keys: [','], action: 'sibling-previous', does: 'Previous sibling' },
] as const satisfies readonly KeyBinding[];

export type KeyAction = (typeof KEY_BINDINGS)[number]['action'];

/** Pairs of bindings that one key press could mean both: within a scope, or between a scope and the global keys. */
export function clashesOf(bindings: readonly KeyBinding[]): [KeyBinding, KeyBinding][] {
	const clashes: [KeyBinding, KeyBinding][] = [];
	for (const [i, first] of bindings.entries()) {
		for (const second of bindings.slice(i + 1)) {
			const shareKey = first.keys.some((left) => second.keys.some((right) => startsSame(left, right)));
			if (shareKey && meet(first, second)) clashes.push([first, second]);
		}
	}
	return clashes;
}

/** `g` alone would swallow `g s`. */
const startsSame = (left: string, right: string): boolean =>
	left === right || left.startsWith(`${right} `) || right.startsWith(`${left} `);

function meet(first: KeyBinding, second: KeyBinding): boolean {
	if (first.scope === second.scope) return true;
	if (first.overrides === true || second.overrides === true) return false;
	return first.scope === 'global' || second.scope === 'global';
}
