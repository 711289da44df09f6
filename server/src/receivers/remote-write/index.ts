export { remoteWriteRoutes } from './routes.ts';
