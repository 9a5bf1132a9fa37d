import { serviceLabel } from '../../lib/service-hue.ts';
import { impactOf } from '../services-rows.ts';
import type { Operation, Service } from '../../../schema/api.ts';
import type { Measured } from './rises.ts';

export const measuredService = (service: Service): Measured & { impact: number } => ({
	service: serviceLabel(service),
	environment: service.environment,
	operation: undefined,
	spans: service.spans,
	now: service,
	before: service.before,
	impact: impactOf(service),
});

export const measuredOperation = (
	{ service, environment }: Pick<Measured, 'service' | 'environment'>,
	one: Operation,
): Measured => ({
	service,
	environment,
	operation: one.operation,
	spans: one.spans,
	now: one,
	before: one.before,
});
