export { highlighter } from './highlight.ts';
export { parseSearch } from './parser.ts';
