import type { ConfigMap } from '../../../lib/config-map.ts';
import type { Labels } from '../../../model/labels.ts';

/** Targets that share labels, as a source of targets tells them. */
export interface TargetGroup {
  /** Labels of each target, with `__address__`. */
  readonly targets: readonly Labels[];
  /** Labels of all of them; those of a target itself win. */
  readonly labels: Labels;
}

/** `targets` and `labels` as they stand in `static_configs`, in files and in answers of HTTP discovery. */
export function readTargetGroup(map: ConfigMap, meta: Labels = {}): TargetGroup {
  const targets = (map.texts('targets') ?? []).map((address, index) => {
    if (address === '' || address.includes('/')) {
      map.fail(`targets[${index}]`, `"${address}" is no address; use host:port, and metrics_path for the path`);
    }
    return { __address__: address };
  });
  const labels = map.textMap('labels') ?? {};
  for (const name of Object.keys(labels)) {
    if (name === '' || !name.isWellFormed()) map.fail('labels', `"${name}" is no label name`);
  }
  map.refuseOthers();
  return { targets, labels: { ...labels, ...meta } };
}
