import { doneAnswer, noQuery } from '../../../schema/api-access.ts';
import type { DoneAnswer } from '../../../schema/api-access.ts';
import { dropRequest, newProjectBody, projectBody, projectPath, projectsAnswer } from '../../../schema/api-projects.ts';
import type { NewProjectBody, ProjectBody, ProjectsAnswer } from '../../../schema/api-projects.ts';
import type { Access } from '../../access/access.ts';
import { principalOf } from '../../access/principal.ts';
import { ProblemError } from '../../problem.ts';
import { parsePath, route } from '../route.ts';
import type { Route } from '../route.ts';
import { authorOf } from '../scope.ts';

/** Projects: everybody sees their own, admins make and drop them. */
export function projectRoutes(
	{ projects, keys }: Pick<Access, 'projects' | 'keys'>,
	dropProject: (name: string) => void,
): Route[] {
	return [
		route({
			path: '/projects',
			role: 'viewer',
			reach: 'none',
			summary: 'Projects that one may read',
			query: noQuery,
			answer: projectsAnswer,
			handle: async (c) => {
				const readable = principalOf(c)?.projects;
				return c.json<ProjectsAnswer>({ projects: projects.list(readable), home: projects.home(readable) });
			},
		}),
		route({
			method: 'post',
			path: '/projects',
			role: 'admin',
			reach: 'none',
			summary: 'Make a project; data comes there by an ingest key of it',
			query: noQuery,
			body: newProjectBody,
			answer: doneAnswer,
			handle: async (c, _, { name, title }: NewProjectBody) => {
				await projects.create(name, title, authorOf(c));
				return c.json<DoneAnswer>({ done: true });
			},
		}),
		titleRoute(projects),
		dropRoute({ projects, keys }, dropProject),
	];
}

const titleRoute = (projects: Access['projects']): Route =>
	route({
		method: 'put',
		path: '/projects/{name}',
		role: 'admin',
		reach: 'none',
		summary: 'Change the title; the name stays, because addresses and senders say it',
		query: noQuery,
		body: projectBody,
		answer: doneAnswer,
		handle: async (c, _, { title }: ProjectBody) => {
			await projects.rename(parsePath(projectPath, c).name, title, authorOf(c));
			return c.json<DoneAnswer>({ done: true });
		},
	});

const dropRoute = ({ projects, keys }: Pick<Access, 'projects' | 'keys'>, dropProject: (name: string) => void): Route =>
	route({
		method: 'delete',
		path: '/projects/{name}',
		role: 'admin',
		reach: 'none',
		summary: 'Drop a project with its data, documents and ingest keys. `confirm` says its name once more',
		query: dropRequest,
		answer: doneAnswer,
		handle: async (c, { confirm }) => {
			const { name } = parsePath(projectPath, c);
			if (confirm !== name) {
				throw new ProblemError(
					400,
					'NOT_CONFIRMED',
					`confirm is ${JSON.stringify(confirm)}; expected ${JSON.stringify(name)}`,
				);
			}
			await projects.close(name, authorOf(c));
			await keys.revokeAllOf(name, authorOf(c));
			dropProject(name);
			return c.json<DoneAnswer>({ done: true });
		},
	});
