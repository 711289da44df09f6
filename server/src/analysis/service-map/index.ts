export { type MapEdge, type MapNode, ServiceMap } from './service-map.ts';
