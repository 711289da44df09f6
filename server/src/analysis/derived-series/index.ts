export type { ContainerFigures } from './derived-figures.ts';
export { DerivedSeries } from './derived-series.ts';
