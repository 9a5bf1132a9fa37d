import { summarise } from '../services-rows.ts';
import type { Service } from '../../../schema/api.ts';
import type { ServicesSummary } from '../services-rows.ts';

export interface ServiceGroup {
	name: string;
	summary: ServicesSummary;
	services: Service[];
}

/** In the order in which the services come. `none`: all in one group without a name. */
export function groupServices(services: readonly Service[], by: 'none' | 'ns' | 'env'): ServiceGroup[] {
	const nameOf = ({ namespace, environment }: Service): string => {
		if (by === 'none') return '';
		return (by === 'ns' ? namespace : environment) || (by === 'ns' ? 'no namespace' : 'no environment');
	};
	const groups = Map.groupBy(services, nameOf);
	return [...groups].map(([name, members]) => ({ name, summary: summarise(members), services: members }));
}
