export { zipkinRoutes } from './routes.ts';
