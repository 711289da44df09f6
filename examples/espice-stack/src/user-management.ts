/** Users and their quotas, in SQLite; every statement is a client span, as a database instrumentation would make it. */
import { DatabaseSync, type SQLInputValue } from 'node:sqlite';
import { SpanKind, trace } from '@opentelemetry/api';
import { serve } from './http-service.ts';
import { log } from './log.ts';

const tracer = trace.getTracer('user-management');
const database = new DatabaseSync(':memory:');
database.exec('CREATE TABLE users (id TEXT PRIMARY KEY, name TEXT NOT NULL, quota INTEGER NOT NULL)');
for (const name of ['ada', 'blaise', 'carl', 'emmy', 'george', 'sofia']) {
  database.prepare('INSERT INTO users VALUES (?, ?, ?)').run(name, name, 1000);
}

function query(operation: string, sql: string, ...values: SQLInputValue[]): Record<string, unknown> | undefined {
  const attributes = {
    'db.system.name': 'sqlite',
    'db.namespace': 'users',
    'db.operation.name': operation,
    'db.query.text': sql,
  };
  return tracer.startActiveSpan(`${operation} users`, { kind: SpanKind.CLIENT, attributes }, (span) => {
    try {
      return database.prepare(sql).get(...values);
    } finally {
      span.end();
    }
  });
}

serve({
  'GET /users': ({ id }) => {
    const user = query('SELECT', 'SELECT id, name, quota FROM users WHERE id = ?', id);
    if (!user) {
      log.warn('unknown user', { user: id });
      return { status: 404, body: { error: `no user ${id}` } };
    }
    query('UPDATE', 'UPDATE users SET quota = max(0, quota - 1) WHERE id = ? RETURNING quota', id);
    return { status: 200, body: user };
  },
});
