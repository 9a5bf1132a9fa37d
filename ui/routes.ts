import { alertQuery, alertsQuery, newAlertQuery } from './pages/alerts/alerts-query.ts';
import { changesQuery, deployQuery } from './pages/changes/changes-query.ts';
import { issueQuery, issuesQuery } from './pages/issues/issues-query.ts';
import { databaseQuery, databaseQueryQuery } from './pages/database/database-address.ts';
import { exploreQuery } from './pages/explore/explore-query.ts';
import { externalQuery } from './pages/external-query.ts';
import { LOGIN_PATH } from './lib/login-path.ts';
import { loginQuery } from './pages/login/login-query.ts';
import { mapQuery } from './pages/map/map-query.ts';
import { serviceQuery } from './pages/service-query.ts';
import { servicesListQuery } from './pages/services-query.ts';
import { newSloQuery, sloQuery, slosQuery } from './pages/slos/slos-query.ts';
import { channelsQuery } from './pages/settings/channels/channels-query.ts';
import { configQuery } from './pages/configuration/config-query.ts';
import { compareQuery } from './pages/compare-query.ts';
import { openQuery } from './pages/open-query.ts';
import { retentionQuery } from './pages/settings/retention-query.ts';
import { traceQuery } from './trace/trace-query.ts';
import { tracesQuery } from './pages/traces-query.ts';
import { welcomeQuery } from './pages/welcome-query.ts';
import type { Route } from './lib/route-match.ts';

/** Every screen: its path, what its address may say, its code. */
export const ROUTES: readonly Route[] = [
	{ pattern: '/', query: {}, load: () => import('./pages/Home.svelte') },
	{ pattern: LOGIN_PATH, query: loginQuery, load: () => import('./pages/Login.svelte') },
	{ pattern: '/welcome', query: welcomeQuery, load: () => import('./pages/Welcome.svelte') },
	{ pattern: '/services', query: servicesListQuery, load: () => import('./pages/Services.svelte') },
	{ pattern: '/services/:name/op/:op', query: {}, load: () => import('./pages/OperationAlias.svelte') },
	{ pattern: '/services/:name', query: serviceQuery, load: () => import('./pages/Service.svelte') },
	{ pattern: '/traces', query: tracesQuery, load: () => import('./pages/Traces.svelte') },
	{ pattern: '/explore', query: exploreQuery, load: () => import('./pages/Explore.svelte') },
	{ pattern: '/explore/board/:name', query: {}, load: () => import('./pages/Board.svelte') },
	{ pattern: '/issues', query: issuesQuery, load: () => import('./pages/Issues.svelte') },
	{ pattern: '/issues/:id', query: issueQuery, load: () => import('./pages/Issue.svelte') },
	{ pattern: '/db', query: databaseQuery, load: () => import('./pages/Database.svelte') },
	{ pattern: '/db/:fingerprint', query: databaseQueryQuery, load: () => import('./pages/DatabaseQuery.svelte') },
	{ pattern: '/external', query: externalQuery, load: () => import('./pages/External.svelte') },
	{ pattern: '/map', query: mapQuery, load: () => import('./pages/Map.svelte') },
	{ pattern: '/changes', query: changesQuery, load: () => import('./pages/Changes.svelte') },
	{ pattern: '/deploys/:service/:version', query: deployQuery, load: () => import('./pages/Deploy.svelte') },
	{ pattern: '/alerts', query: alertsQuery, load: () => import('./pages/Alerts.svelte') },
	{ pattern: '/alerts/new', query: newAlertQuery, load: () => import('./pages/AlertNew.svelte') },
	{ pattern: '/alerts/:name', query: alertQuery, load: () => import('./pages/Alert.svelte') },
	{ pattern: '/firings/:id', query: {}, load: () => import('./pages/Firing.svelte') },
	{ pattern: '/slos', query: slosQuery, load: () => import('./pages/Slos.svelte') },
	{ pattern: '/slos/new', query: newSloQuery, load: () => import('./pages/SloNew.svelte') },
	{ pattern: '/slos/:name', query: sloQuery, load: () => import('./pages/Slo.svelte') },
	{ pattern: '/config', query: configQuery, load: () => import('./pages/Configuration.svelte') },
	{ pattern: '/compare/:a', query: compareQuery, load: () => import('./pages/Compare.svelte') },
	{ pattern: '/compare/:a/:b', query: compareQuery, load: () => import('./pages/Compare.svelte') },
	{ pattern: '/open', query: openQuery, load: () => import('./pages/OpenTrace.svelte') },
	{ pattern: '/settings', query: {}, load: () => import('./pages/settings/Ingest.svelte') },
	{ pattern: '/settings/ingest', query: {}, load: () => import('./pages/settings/Ingest.svelte') },
	{ pattern: '/settings/projects', query: {}, load: () => import('./pages/settings/Projects.svelte') },
	{ pattern: '/settings/keys', query: {}, load: () => import('./pages/settings/Keys.svelte') },
	{ pattern: '/settings/users', query: {}, load: () => import('./pages/settings/Users.svelte') },
	{ pattern: '/settings/audit', query: {}, load: () => import('./pages/settings/Audit.svelte') },
	{ pattern: '/settings/retention', query: retentionQuery, load: () => import('./pages/settings/Retention.svelte') },
	{ pattern: '/settings/channels', query: channelsQuery, load: () => import('./pages/settings/Channels.svelte') },
	{ pattern: '/settings/preferences', query: {}, load: () => import('./pages/settings/Preferences.svelte') },
	{ pattern: '/settings/about', query: {}, load: () => import('./pages/settings/About.svelte') },
	{ pattern: '/trace/:traceId', query: traceQuery, load: () => import('./pages/Trace.svelte') },
];
