export { jsonIngestRoutes } from './routes.ts';
