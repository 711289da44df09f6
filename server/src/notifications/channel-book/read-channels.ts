import { readFileSync } from 'node:fs';
import { CHANNEL_KINDS, checkChannel, type SendingChannelName } from '../../channels/index.ts';
import type { ConfigMap } from '../../lib/config-map.ts';
import type { ConfiguredChannel } from './configured-channel.ts';

/** As the API has it. */
const CHANNEL_ID = /^[A-Za-z0-9][\w.-]{0,63}$/;
const KINDS = Object.keys(CHANNEL_KINDS) as SendingChannelName[];

/** The list `channels` of the configuration file: `id`, `kind`, `name`, and the settings of that kind beside them. */
export function readChannels(file: ConfigMap): ConfiguredChannel[] {
  const ids = new Set<string>(KINDS);
  return (file.maps('channels') ?? []).flatMap((map) => {
    const id = map.text('id') ?? map.fail('id', 'name the channel');
    const kind =
      map.oneOf('kind', KINDS) ?? (map.has('kind') ? undefined : map.fail('kind', `use ${KINDS.join(', ')}`));
    if (id !== undefined && !CHANNEL_ID.test(id)) map.fail('id', 'use letters, digits and . _ -');
    else if (id !== undefined && ids.has(id)) map.fail('id', `"${id}" is taken`);
    const name = map.text('name') ?? id;
    const enabled = map.flag('enabled') ?? true;
    if (id === undefined || name === undefined || kind === undefined) return [];
    ids.add(id);
    const settings = readSettings(map, kind);
    map.refuseOthers();
    for (const { path, message } of checkChannel(kind, settings)) map.fail(path, message);
    return [{ id, name, kind, settings, enabled }];
  });
}

function readSettings(map: ConfigMap, kind: SendingChannelName): Record<string, string> {
  const settings: Record<string, string> = {};
  for (const field of CHANNEL_KINDS[kind].fields) {
    const given = map.text(field.name);
    const value = given ?? (field.secret ? secretOf(map, `${field.name}_file`) : undefined);
    if (value !== undefined) settings[field.name] = value;
  }
  return settings;
}

function secretOf(map: ConfigMap, field: string): string | undefined {
  const path = map.text(field);
  if (path === undefined) return undefined;
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    return map.fail(field, `the file ${path} cannot be read`);
  }
}
