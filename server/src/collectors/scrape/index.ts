export { readScrapeJobs } from './read-scrape-jobs.ts';
export { ScrapeCollector } from './scrape-collector.ts';
