export { type DiskForecast, forecastDisks } from './disk-forecasts.ts';
