export { OtlpGrpcServer } from './grpc-server.ts';
export { otlpRoutes } from './routes.ts';
export { type OtlpSignal, otlpSignals } from './signals.ts';
