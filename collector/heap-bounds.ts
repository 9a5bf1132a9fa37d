import { setFlagsFromString } from 'node:v8';

/**
 * What each heap of V8 may grow by before it is collected, in percent of what lived in it. By itself V8 lets one grow to up to
 * four times as much (docs/adr/0075-room-for-young-objects.md).
 */
const growthPercent = 60;

/** Of this thread and of those that are started afterwards. What they have for young objects the command line says. */
export function boundHeaps(): void {
	setFlagsFromString(`--heap-growing-percent=${growthPercent}`);
}
