/** The page allows scripts only from addresses that a policy has vouched for: see the content security policy. */
interface TrustedTypes {
	createPolicy(
		name: string,
		rules: { createScriptURL: (url: string) => string },
	): { createScriptURL(url: string): URL };
}
declare global {
	interface Window {
		trustedTypes?: TrustedTypes;
	}
}

let policy: ReturnType<TrustedTypes['createPolicy']> | undefined;

/** Starts a worker of this build; `url` comes from an import that ends in `?worker&url`. */
export function startWorker(url: string): Worker {
	policy ??= window.trustedTypes?.createPolicy('spanhouse-worker', {
		createScriptURL: (text) => {
			if (new URL(text, location.href).origin !== location.origin) throw new Error(`a worker from elsewhere: ${text}`);
			return text;
		},
	});
	return new Worker(policy === undefined ? url : policy.createScriptURL(url), { type: 'module' });
}
