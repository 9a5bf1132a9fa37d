/** `node --import @spanhouse/sdk/register app.js`: starts tracing from the environment before the app's own modules load. */
import { isDisabled } from './settings.ts';

// Loading OpenTelemetry costs start-up time and memory, which an app that has switched it off need not pay.
if (!isDisabled(process.env)) {
	const { start } = await import('./start.ts');
	start();
}
