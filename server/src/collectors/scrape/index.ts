export { readScrapeJobs } from './read-scrape-jobs.ts';
export { type ActiveTarget, ScrapeCollector } from './scrape-collector.ts';
export type { ScrapeJob } from './scrape-job.ts';
