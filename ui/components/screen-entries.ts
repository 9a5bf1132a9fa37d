import type { IconName } from './icon-paths.ts';

export interface ScreenEntry {
	path: string;
	/** The entry is marked while the address starts with this. */
	below: string;
	label: string;
	icon: IconName;
	/** As in the table of keys. */
	keys: string;
}

/** The screens that one goes to from anywhere: in the navigation, in the palette. */
export const SCREEN_ENTRIES: readonly ScreenEntry[] = [
	{ path: '/', below: '/', label: 'Now', icon: 'pulse', keys: 'g n' },
	{ path: '/services', below: '/services', label: 'Services', icon: 'services', keys: 'g s' },
	{ path: '/traces', below: '/trace', label: 'Traces', icon: 'traces', keys: 'g t' },
	{ path: '/explore', below: '/explore', label: 'Explore', icon: 'chart', keys: 'g v' },
	{ path: '/issues', below: '/issues', label: 'Issues', icon: 'bug', keys: 'g e' },
	{ path: '/db', below: '/db', label: 'Database', icon: 'database', keys: 'g d' },
	{ path: '/map', below: '/map', label: 'Map', icon: 'map', keys: 'g m' },
	{ path: '/changes', below: '/changes', label: 'Changes', icon: 'box', keys: 'g c' },
	{ path: '/alerts', below: '/alerts', label: 'Alerts', icon: 'bell', keys: 'g a' },
	{ path: '/slos', below: '/slos', label: 'Objectives', icon: 'target', keys: 'g o' },
	{ path: '/config', below: '/config', label: 'Config', icon: 'branch', keys: 'g f' },
	{ path: '/external', below: '/external', label: 'External', icon: 'globe', keys: 'g x' },
	{ path: '/welcome', below: '/welcome', label: 'Send data', icon: 'send', keys: 'g w' },
	{ path: '/settings/ingest', below: '/settings', label: 'Settings', icon: 'cog', keys: 'g ,' },
];
