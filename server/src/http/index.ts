export { isBrokenCompression, mediaType, parseJson } from './body.ts';
export { type Authenticator, authorizeToken, tokenOf } from './guards.ts';
export { documentationRoutes } from './openapi.ts';
export { prepareErrorReply, toServiceError } from './problem.ts';
export { type BodyBounds, BodyReader, discardRest } from './read-body.ts';
export { type Principal, type Route, type RouteContext, route, type Scope } from './route.ts';
export { createHttpServer, type HttpServerOptions } from './server.ts';
export { toIssues } from './validation.ts';
