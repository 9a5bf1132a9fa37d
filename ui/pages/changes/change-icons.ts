import type { IconName } from '../../components/icon-paths.ts';
import type { ChangeKind } from '../../../schema/change.ts';

export const CHANGE_ICONS: Readonly<Record<ChangeKind, IconName>> = {
	deploy: 'box',
	configuration: 'cog',
	flag: 'flask',
	migration: 'database',
	other: 'info',
};
