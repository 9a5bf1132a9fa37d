import { createRequire, isBuiltin, register as registerLoader, syncBuiltinESMExports } from 'node:module';
import { register as registerHooks, supportsSyncHooks } from 'import-in-the-middle/register-hooks.mjs';

/**
 * Lets instrumentations see what ES modules import, which their `require` hooks don't. Only the modules they patch are
 * wrapped, so that nothing else of the app runs through a wrapper.
 */
export function installModuleHooks(patchedModules: readonly string[]): void {
	const include = [...new Set(patchedModules)].filter((name) => !isBuiltin(name));
	if (supportsSyncHooks()) registerHooks({ include });
	// Older releases of Node 22 and 24 lack a fix that the synchronous hooks need (nodejs/node#59929).
	else registerLoader('import-in-the-middle/hook.mjs', import.meta.url, { data: { include } });
}

/**
 * Node's own modules are patched in their CommonJS form once something requires them, and only once; without the
 * copying, `import { request } from 'node:http'` would keep the function from before.
 */
export function patchBuiltins(patchedModules: readonly string[]): void {
	const require = createRequire(import.meta.url);
	for (const name of patchedModules.filter((name) => isBuiltin(name))) require(name);
	syncBuiltinESMExports();
}

/** The base class of instrumentations has the list; their common interface lacks it. */
export function patchedModules(instrumentation: object): string[] {
	if (!('getModuleDefinitions' in instrumentation)) return [];
	if (typeof instrumentation.getModuleDefinitions !== 'function') return [];
	const definitions: unknown = instrumentation.getModuleDefinitions();
	return Array.isArray(definitions) ? definitions.flatMap(nameOf) : [];
}

const nameOf = (definition: unknown): string[] =>
	typeof definition === 'object' && definition !== null && 'name' in definition && typeof definition.name === 'string'
		? [definition.name]
		: [];
