import { recogniseTraceId } from '../../schema/query-trace-id.ts';
import { serviceLabel } from '../lib/service-hue.ts';
import { THEMES } from '../lib/preferences.svelte.ts';
import { PRESETS } from '../lib/time-range.ts';
import { SCREEN_ENTRIES } from './screen-entries.ts';
import type { AppParts } from '../lib/app.ts';
import type { IconName } from './icon-paths.ts';

/** One thing that the palette does. */
export interface Command {
	/** Unlike all others; what is typed is matched against it and the words. */
	name: string;
	words?: readonly string[];
	icon: IconName;
	/** Shown at the end of the row: the key that does the same. */
	keys?: string;
	run: () => void;
}

export interface CommandGroup {
	title: string;
	commands: readonly Command[];
}

interface Service {
	service: string;
	namespace: string;
}

/** What only the frame can do. */
export interface FrameActions {
	onHelp: () => void;
	onCopyLink: () => void;
}

/** Below that, letters lie so far apart that the match surprises. */
const minScore = 0.02;
/** More would be a list to scroll through, not to choose from: typing narrows it. */
const maxServices = 200;

/** Screens, services and actions: what there is before anything is typed. */
export function paletteCommands(
	app: AppParts,
	services: readonly Service[],
	actions: FrameActions,
): readonly CommandGroup[] {
	return [
		{ title: 'Screens', commands: screenCommands(app) },
		{ title: 'Services', commands: services.slice(0, maxServices).map((service) => serviceCommand(app, service)) },
		{ title: 'Time', commands: timeCommands(app) },
		{ title: 'Actions', commands: actionCommands(app, actions) },
	].filter(({ commands }) => commands.length > 0);
}

const screenCommands = ({ router }: AppParts): Command[] =>
	SCREEN_ENTRIES.map(({ label, icon, path, keys }) => ({
		name: label,
		icon,
		keys,
		run: () => router.go(router.href(path)),
	}));

function serviceCommand({ router }: AppParts, service: Service): Command {
	const label = serviceLabel(service);
	return {
		name: `Service ${label}`,
		icon: 'services',
		run: () => router.go(router.href(`/services/${encodeURIComponent(label)}`)),
	};
}

const timeCommands = ({ time }: AppParts): Command[] =>
	PRESETS.map((length) => ({
		name: `Last ${length}`,
		words: ['time', 'range'],
		icon: 'clock',
		run: () => time.set({ kind: 'relative', length }),
	}));

const actionCommands = ({ time, preferences }: AppParts, { onHelp, onCopyLink }: FrameActions): Command[] => [
	...THEMES.filter((theme) => theme !== preferences.theme).map((theme): Command => ({
		name: `Use the ${theme} theme`,
		words: ['appearance', 'colour'],
		icon: theme === 'system' ? 'system' : theme === 'light' ? 'sun' : 'moon',
		run: () => (preferences.theme = theme),
	})),
	{
		name: preferences.zone === 'utc' ? 'Show local times' : 'Show times in UTC',
		words: ['zone'],
		icon: 'clock',
		run: () => (preferences.zone = preferences.zone === 'utc' ? 'local' : 'utc'),
	},
	{
		name: time.isLive ? 'Stop live' : 'Go live',
		words: ['refresh', 'follow'],
		icon: time.isLive ? 'pause' : 'play',
		keys: 'l',
		run: () => time.setLive(!time.isLive),
	},
	{ name: 'Copy a link with fixed times', words: ['share'], icon: 'link', keys: 'y', run: onCopyLink },
	{ name: 'Keyboard shortcuts', words: ['help'], icon: 'keyboard', keys: '?', run: onHelp },
];

/** Of each group those that match, the best first; all while nothing is typed. `score`: 0 is no match, 1 the best. */
export function matching(
	groups: readonly CommandGroup[],
	typed: string,
	score: (name: string, typed: string, words: string[]) => number,
): readonly CommandGroup[] {
	const text = typed.trim();
	if (text === '') return groups;
	const found = groups.map(({ title, commands }) => {
		const scored = commands
			.map((command) => ({ command, score: score(command.name, text, [...(command.words ?? [])]) }))
			.filter((match) => match.score >= minScore)
			.sort((a, b) => b.score - a.score);
		return { title, commands: scored.map(({ command }) => command), best: scored[0]?.score ?? 0 };
	});
	return found.filter(({ best }) => best > 0).sort((a, b) => b.best - a.best);
}

/** What the typed text itself asks for: a trace by its id, a search in the traces. */
export function typedCommands({ router }: AppParts, typed: string): readonly Command[] {
	const text = typed.trim();
	if (text === '') return [];
	const found = recogniseTraceId(text);
	if (found !== undefined) {
		const { traceId, spanId } = found;
		const open = () => router.go(router.href(`/trace/${traceId}`, { span: spanId }));
		return [{ name: `Open trace ${traceId}`, icon: 'traces', run: open }];
	}
	const search = () => router.go(router.href('/traces', { q: text }));
	return [{ name: `Search traces for ${text}`, icon: 'search', run: search }];
}
