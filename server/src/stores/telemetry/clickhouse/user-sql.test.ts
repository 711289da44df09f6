import { describe, expect, it } from 'vitest';
import { checkUserSql } from './user-sql.ts';

describe('SQL that passes', () => {
  const f = (sql: string, expected = sql) => it(sql, () => expect(checkUserSql(sql)).toBe(expected));

  f('SELECT 1');
  f('SELECT 1 ; ', 'SELECT 1');
  f('with 1 as x select x');
  f('(SELECT 1) UNION ALL (SELECT 2)');
  f('-- a comment\nSHOW TABLES');
  f('/* a; b */ DESCRIBE TABLE otel_logs');
  f("SELECT 'a;b', 'INTO OUTFILE ''x'''");
  f('SELECT format(\'{}\', 1), t.format FROM (SELECT 1 AS "format") AS t');
  f('SELECT name FROM system.settings');
  f("SELECT file FROM (SELECT 'x' AS file)");
});

describe('SQL that is refused', () => {
  const f = (sql: string, reason: RegExp) => it(sql, () => expect(() => checkUserSql(sql)).toThrow(reason));

  f('', /empty/);
  f('-- nothing', /empty/);
  f('INSERT INTO otel_logs SELECT * FROM otel_logs', /only read/);
  f('SET readonly = 0', /only read/);
  f('KILL QUERY WHERE 1', /only read/);
  f('SELECT 1; DROP TABLE otel_logs', /one statement/);
  f("SELECT file('/etc/passwd')", /file/);
  f("SELECT `file`('/etc/passwd')", /file/);
  f('SELECT "file" /* */ (\'/etc/passwd\')', /file/);
  f("SELECT `fi\\le`('/etc/passwd')", /file/);
  f("SELECT “file”('/etc/passwd')", /quotes/);
  f('SELECT $a$x$a$', /quotes/);
  f("SELECT 1 INTO OUTFILE '/tmp/x'", /OUTFILE/);
  f('SELECT 1 INTO/**/OUTFILE"/tmp/x"', /OUTFILE/);
  f('SELECT 1 FORMAT CSV', /FORMAT/);
  f('SELECT 1 SETTINGS max_execution_time = 0', /SETTINGS/);
  f("SELECT 'open", /not closed/);
  f('SELECT * FROM system.stack_trace', /stack_trace/);
});
