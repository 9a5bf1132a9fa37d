import { mount } from 'svelte';
import './styles/fonts.css';
import './styles/tokens.css';
import './styles/base.css';
import './styles/table.css';
import './styles/print.css';
import App from './App.svelte';
import { basePath, browserHistory } from './lib/browser-history.ts';
import { buildApp, buildQueryClient } from './lib/build-app.ts';
import { browserMemory } from './lib/preferences.svelte.ts';
import { ROUTES } from './routes.ts';

const target = document.querySelector('#app');
if (target === null) throw new Error('index.html has no element with the id "app" to mount into');

const app = buildApp({
	history: browserHistory,
	base: basePath(document),
	routes: ROUTES,
	fetch: (input, init) => fetch(input, init),
	openEvents: (url) => new EventSource(url),
	memory: browserMemory(),
	root: document.documentElement,
	nowMs: () => Date.now(),
});
mount(App, { target, props: { app, client: buildQueryClient(app) } });
