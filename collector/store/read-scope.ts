import { comparedWindow } from '../../schema/compared-window.ts';
import type { Parameters } from './engine/clickhouse.ts';
import type { ReadScope, ServiceName, WindowScope } from './reader-types.ts';

/** Spans of the project that ended in the half-open window, wherever they ran. */
export const IN_WINDOW = `project = {project:String}
	AND time >= fromUnixTimestamp64Milli({fromMs:Int64}, 'UTC')
	AND time < fromUnixTimestamp64Milli({toMs:Int64}, 'UTC')`;

/** Rows of the environment that the caller asks for, where one is. */
export const inEnvironment = ({ environment }: Pick<WindowScope, 'environment'>): string =>
	environment === undefined ? '1' : 'environment = {environment:String}';

/** As `IN_WINDOW`, in one environment where the caller asks for one. */
export const inScope = (scope: WindowScope): string =>
	scope.environment === undefined ? IN_WINDOW : `${IN_WINDOW} AND environment = {environment:String}`;

/** The same of an environment. */
export const isIn = ({ environment }: WindowScope, of: string): boolean =>
	environment === undefined || environment === of;

/** What `IN_WINDOW` and `inScope` bind, under the names that compiled queries use too. */
export function scopeParameters({ project, window, environment }: WindowScope): Parameters {
	return {
		project,
		fromMs: window.fromMs,
		toMs: window.toMs,
		...(environment === undefined ? {} : { environment }),
	};
}

export const projectParameters = ({ project }: ReadScope): Parameters => ({ project });

/** `namespace/name`, or the bare name where the namespace is empty. */
export const SERVICE_NAME = "if(service_namespace = '', service, concat(service_namespace, '/', service))";

/** Binds what `ServiceName` has. */
export const ofService = ({ namespace }: ServiceName): string =>
	`service = {service:String}${namespace === undefined ? '' : ' AND service_namespace = {namespace:String}'}`;

/** The same of names. */
export const isOfService = ({ service, namespace }: ServiceName, of: { service: string; namespace: string }): boolean =>
	service === of.service && (namespace === undefined || namespace === of.namespace);

/** The same question about what a window is compared with. */
export const comparedScope = (scope: WindowScope): WindowScope => ({
	...scope,
	window: comparedWindow(scope.window, scope.comparison ?? 'prev'),
});
