import { describe, expect, it } from 'vitest';
import { expandRuleTemplate, ruleTemplateError } from './expand.ts';

const data = {
  labels: { instance: 'db-1.example.org:9100', job: 'node', empty: '' },
  value: 1234.5678,
  externalLabels: { region: 'eu' },
  externalUrl: 'https://prom.example.org/base',
  now: 1_700_000_000_250,
};
const samples: Record<string, { labels: Record<string, string>; value: number }[]> = {
  up: [
    { labels: { instance: 'b', __value__: 'B' }, value: 0.5 },
    { labels: { instance: 'a' }, value: 2 },
  ],
  none: [],
};

const expand = (text: string) =>
  expandRuleTemplate('Rule', text, data, async (query) => {
    const found = samples[query];
    if (!found) throw new Error(`no such query: ${query}`);
    return found;
  });

describe('templates of rule files', () => {
  it.each([
    ['plain', 'plain'],
    ['{{ $labels.instance }} of {{$labels.job}}', 'db-1.example.org:9100 of node'],
    ['[{{ $labels.absent }}]', '[]'],
    ['{{ $labels }}', 'map[empty: instance:db-1.example.org:9100 job:node]'],
    ['{{ $value }} {{ .Value }} {{ $.Value }}', '1234.5678 1234.5678 1234.5678'],
    [
      '{{ printf "%.2f|%8.1f|%-8.0f|%08.2f|%e|%g|%v" $value $value $value $value $value $value $value }}',
      '1234.57|  1234.6|1235    |01234.57|1.234568e+03|1234.5678|1234.5678',
    ],
    ['{{ printf "%.0f %.0f %.0f %.1f %.4g %.5g" 0.5 2.5 3.5 0.25 1.5625 -1.59375 }}', '0 2 4 0.2 1.562 -1.5938'],
    ['{{ $value | printf "%.1f" }}', '1234.6'],
    ['{{ printf "%d" $value }}', '%!d(float64=1234.5678)'],
    ['{{ printf "%d %s %q %t %x" 42 "x" "y" true 255 }}', '42 x "y" true ff'],
    ['{{ printf "%s" }} {{ printf "a" 1 }}', '%!s(MISSING) a%!(EXTRA int=1)'],
    ['{{ $value | humanize }} {{ humanize 0.02 }} {{ humanize 0.0 }} {{ humanize 1e25 }}', '1.235k 20m 0 10Y'],
    ['{{ 1048576.0 | humanize1024 }} {{ humanize1024 1.0 }}', '1Mi 1'],
    [
      '{{ humanizeDuration 90061.5 }} {{ humanizeDuration 61 }} {{ humanizeDuration 2.5 }} {{ humanizeDuration 0.002 }}',
      '1d 1h 1m 1s 1m 1s 2.5s 2ms',
    ],
    ['{{ "43200" | humanizeDuration }} {{ humanizeDuration -3661.0 }}', '12h 0m 0s -1h 1m 1s'],
    [
      '{{ 0.1234567 | humanizePercentage }} {{ humanizeTimestamp 1435065584.128 }}',
      '12.35% 2015-06-23 13:19:44.128 +0000 UTC',
    ],
    ['{{ if gt $value 100.0 }}high{{ else if gt $value 10.0 }}middle{{ else }}low{{ end }}', 'high'],
    ['{{ with $labels.empty }}x{{ else }}nothing{{ end }}', 'nothing'],
    ['{{ with $x := $labels.job -}}  {{ $x }} {{- end }} .', 'node .'],
    ['{{ range query "up" }}{{ .Labels.instance }}={{ .Value }} {{ end }}', 'b=0.5 a=2 '],
    [
      '{{ range $i, $s := query "up" | sortByLabel "instance" }}{{ $i }}:{{ label "instance" $s }} {{ end }}',
      '0:a 1:b ',
    ],
    ['{{ with query "up" }}{{ . | first | value | humanize }} {{ . | first | strvalue }}{{ end }}', '500m B'],
    ['{{ query "none" | len }}', '0'],
    [
      '{{ define "t" }}<{{ .arg0 }}-{{ .arg1 }}>{{ end }}{{ template "t" (args 1 "b") }}{{ tmpl "t" (args 2 "c") }}',
      '<1-b><2-c>',
    ],
    [
      '{{ title "hello world" }} {{ toUpper "a" }} {{ toLower "B" }} {{ match "d.-" $labels.instance }}',
      'Hello World A b true',
    ],
    [
      '{{ reReplaceAll "(.*):.*" "$1!" $labels.instance }} {{ stripPort $labels.instance }} {{ stripDomain $labels.instance }}',
      'db-1.example.org! db-1.example.org db-1:9100',
    ],
    ['{{ graphLink "up == 0" }}', '/graph?g0.expr=up+%3D%3D+0&g0.tab=0'],
    [
      '{{ externalURL }} {{ pathPrefix }} {{ $externalLabels.region }} {{ $externalURL }}',
      'https://prom.example.org/base /base eu https://prom.example.org/base',
    ],
    [
      '{{ parseDuration "1h30m" }} {{ now }} {{ (toTime 0).x }}',
      "<error expanding template: template: __alert_Rule:1: can't evaluate field x in type time.Time>",
    ],
    ['{{ parseDuration "1h30m" }} {{ toDuration 90 }} {{ toTime 1.5 }}', '5400 1m30s 1970-01-01 00:00:01.5 +0000 UTC'],
    ['{{ $x := 1 }}{{ if true }}{{ $x = 2 }}{{ end }}{{ $x }}{{/* a comment */}}', '2'],
    ['{{ range $i := 3 }}{{ if eq $i 1 }}{{ continue }}{{ end }}{{ $i }}{{ end }}', '02'],
    [
      '{{ and 1 0 }} {{ or 0 "x" }} {{ not true }} {{ eq 1 2 1 }} {{ index $labels "job" }} {{ len "äb" }}',
      '0 x false true node 3',
    ],
    ['{{ urlQueryEscape "a b&c" }} {{ html "<b>" }} {{ print 1 2 "a" 3 }}', 'a+b%26c &lt;b&gt; 1 2a3'],
    ['{{ query "missing" }}', '<error expanding template: no such query: missing>'],
    [
      '{{ $.labels.service }}',
      "<error expanding template: template: __alert_Rule:1: can't evaluate field labels in type struct>",
    ],
    [
      'a\n{{ first (query "none") }}',
      '<error expanding template: template: __alert_Rule:2: error calling first: first() called on vector with no elements>',
    ],
  ])('%s', async (text, expanded) => {
    expect(await expand(text)).toBe(expanded);
  });

  it('end where they would not', async () => {
    expect(await expand('{{ define "t" }}{{ template "t" }}{{ end }}{{ template "t" }}')).toContain('100 deep');
    expect(await expand('{{ range 100000 }}{{ range 100000 }}x{{ end }}{{ end }}')).toMatch(/steps|characters/);
  });

  it.each([
    ['{{ $label.foo }}', 'undefined variable "$label"'],
    ['{{ nothing $value }}', 'function "nothing" not defined'],
    ['x\n{{ if $value }}', ':2: unexpected EOF'],
    ['{{ $value', 'unclosed action'],
    ['{{ "abc }}', 'unterminated quoted string'],
    ['{{ end }}', 'unexpected {{end}}'],
    ['{{ ( $value }}', 'unclosed left paren'],
    ['{{ }}', 'missing value for command'],
    ['{{ $value | 3 }}', 'non executable command'],
    ['{{ break }}', 'outside {{range}}'],
  ])('%s is wrong', (text, message) => {
    expect(ruleTemplateError('Rule', text)).toContain(message);
  });
});
