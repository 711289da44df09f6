/**
 * A float as OpenMetrics and Prometheus 3 write it in the labels `le` and `quantile`: `1.0`, `0.25`, `1e+06`, `+Inf`.
 * https://prometheus.io/docs/specs/om/open_metrics_spec/#considerations-canonical-numbers
 */
export function openMetricsFloat(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? '+Inf' : '-Inf';
  if (value === 0) return '0.0';
  const [mantissa = '', power = ''] = value.toExponential().split('e');
  const exponent = Number(power);
  if (exponent < -4 || exponent >= 6) {
    return `${mantissa}e${exponent < 0 ? '-' : '+'}${String(Math.abs(exponent)).padStart(2, '0')}`;
  }
  const text = String(value);
  return text.includes('.') ? text : `${text}.0`;
}
