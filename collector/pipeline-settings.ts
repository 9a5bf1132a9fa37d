import { readRedactionFile } from './redaction-file.ts';
import { flagValue } from './settings.ts';
import type { Setting } from './settings.ts';

const setting = <Value>(definition: Setting<Value>): Setting<Value> => definition;

/** What is made of spans on their way in. */
export const PIPELINE_SETTINGS = {
	redaction: setting({
		variable: 'SPANHOUSE_REDACTION_FILE',
		flag: 'redaction-file',
		default: '',
		help: 'a JSON file with attributes, query keys and patterns to redact besides the usual ones',
		read: readRedactionFile,
	}),
	errorsByCode: setting({
		variable: 'SPANHOUSE_ERRORS_BY_CODE',
		flag: 'errors-by-code',
		default: 'true',
		help: 'HTTP and RPC codes make a span whose status is unset an error; false: only a status of error does',
		read: flagValue,
	}),
	pathsAsRoutes: setting({
		variable: 'SPANHOUSE_PATHS_AS_ROUTES',
		flag: 'paths-as-routes',
		default: 'false',
		help: 'HTTP server spans without a route are named by their path, with {id} for ids: up to 200 names of a service',
		read: flagValue,
	}),
};
