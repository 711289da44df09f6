// The import table of ARCHITECTURE.md, checked. A module is a folder of server/src; it may import itself,
// `model`, `lib` and the modules named here. `app`, `config` and the entry points have no row: they may see
// all, and nobody may see them.
const mayImport = {
  lib: [],
  model: [],
  stores: [],
  query: [],
  channels: [],
  http: [],
  pipeline: ['stores'],
  receivers: ['pipeline', 'http'],
  collectors: ['pipeline'],
  analysis: ['query', 'stores'],
  access: ['stores', 'http'],
  notifications: ['channels', 'stores'],
  alerting: ['query', 'analysis', 'notifications', 'stores'],
  api: ['query', 'analysis', 'alerting', 'notifications', 'access', 'pipeline', 'collectors', 'stores', 'http'],
};
// Folders whose members each are a module with a front door of their own.
const families = ['receivers', 'collectors', 'channels', 'query', 'analysis'];
const src = '^server/src';

const tableRules = Object.entries(mayImport).map(([module, allowed]) => ({
  name: `${module}-imports`,
  comment: `${module} may import only: itself, model, lib${allowed.map((name) => `, ${name}`).join('')}`,
  severity: 'error',
  from: { path: `${src}/${module}/`, pathNot: '\\.test\\.ts$' },
  to: { path: `${src}/`, pathNot: `${src}/(${[...new Set([module, 'model', 'lib', ...allowed])].join('|')})/` },
}));

// What of a module others may see: its index.ts, and that of each member of a family.
function doorsOf(module) {
  if (families.includes(module)) return [`${src}/${module}/index\\.ts$`, `${src}/${module}/[^/]+/index\\.ts$`];
  if (module === 'stores') return [`${src}/stores/[^/]+/index\\.ts$`];
  if (module === 'api') return [`${src}/api/index\\.ts$`, `${src}/api/contract/`];
  return [`${src}/${module}/index\\.ts$`];
}

const frontDoors = Object.keys(mayImport)
  .filter((module) => !['model', 'lib'].includes(module))
  .map((module) => ({
    name: `${module}-front-door`,
    comment: `enter ${module} by its index.ts`,
    severity: 'error',
    from: { path: '^server/src/', pathNot: [`${src}/${module}/`, '\\.test\\.ts$'] },
    to: { path: `${src}/${module}/`, pathNot: doorsOf(module) },
  }));

const siblings = ['receivers', 'collectors', 'channels'].map((family) => ({
  name: `${family}-siblings`,
  comment: `siblings under ${family} know nothing of each other`,
  severity: 'error',
  from: { path: `${src}/${family}/([^/]+)/` },
  to: { path: `${src}/${family}/[^/]+/`, pathNot: `${src}/${family}/$1/` },
}));

module.exports = {
  forbidden: [
    ...tableRules,
    ...frontDoors,
    ...siblings,
    {
      name: 'composition-is-private',
      comment: 'nobody imports app, config or an entry point',
      severity: 'error',
      from: { path: '^server/src/', pathNot: [`${src}/(app|config)/`, `${src}/[^/]+\\.ts$`, '\\.test\\.ts$'] },
      to: { path: [`${src}/(app|config)/`, `${src}/[^/]+\\.ts$`] },
    },
    {
      name: 'drivers-under-stores',
      comment: 'database drivers are used under stores only',
      severity: 'error',
      from: { path: '^server/src/', pathNot: [`${src}/stores/`, '\\.test\\.ts$'] },
      to: {
        path: ['^(node:)?sqlite$', 'node_modules/(chdb|pg|kysely|@clickhouse)/'],
        dependencyTypesNot: ['type-only'],
      },
    },
    {
      name: 'console-sees-the-contract-only',
      comment: 'the console shares types with the server through api/contract, and nothing at run time',
      severity: 'error',
      from: { path: '^console/src/' },
      to: { path: '^server/src/', pathNot: `${src}/api/contract/` },
    },
    {
      name: 'console-contract-as-types',
      comment: 'import type only: no server code in the bundle',
      severity: 'error',
      from: { path: '^console/src/' },
      to: { path: `${src}/api/contract/`, dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'no-runtime-cycles',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    { name: 'not-to-unresolvable', severity: 'error', from: {}, to: { couldNotResolve: true } },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default', 'types'],
      extensions: ['.ts', '.tsx', '.js', '.json'],
    },
  },
};
