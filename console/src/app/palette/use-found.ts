import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { get } from '../../api-client/http.ts';
import type { Alert, IncidentSummary, MetricsAnswer, Page, ServiceList } from '../../api-client/types.ts';
import type { PaletteEntry } from './palette-places.ts';

const MOST = 5;

/** What the service knows by such a name: services, alerts, incidents, metrics. Asked in parallel. */
export function useFound(text: string): PaletteEntry[] {
  const enabled = text.length >= 2;
  const options = { enabled, placeholderData: keepPreviousData, staleTime: 30_000, retry: false };
  const services = useQuery({
    queryKey: ['palette', 'services'],
    queryFn: ({ signal }) => get<ServiceList>('api/monitoring/services', { limit: 1000 }, signal),
    ...options,
  });
  const alerts = useQuery({
    queryKey: ['palette', 'alerts', text],
    queryFn: ({ signal }) => get<Page<Alert>>('api/alerts', { search: text, limit: MOST }, signal),
    ...options,
  });
  const incidents = useQuery({
    queryKey: ['palette', 'incidents', text],
    queryFn: ({ signal }) => get<Page<IncidentSummary>>('api/incidents', { search: text, limit: MOST }, signal),
    ...options,
  });
  const metrics = useQuery({
    queryKey: ['palette', 'metrics', text],
    queryFn: ({ signal }) => get<MetricsAnswer>('api/monitoring/metrics', { search: text, limit: MOST }, signal),
    ...options,
  });
  if (!enabled) return [];
  const named = (services.data?.items ?? []).filter(({ service }) =>
    service.toLowerCase().includes(text.toLowerCase()),
  );
  return [
    ...named.slice(0, MOST).map(
      ({ service, status }): PaletteEntry => ({
        ...{ group: 'Services', label: service, detail: status },
        ...{ to: '/services/$service', params: { service } },
      }),
    ),
    ...(alerts.data?.items ?? []).map(
      ({ id, name, state }): PaletteEntry => ({
        ...{ group: 'Alerts', label: name, detail: state === 'inactive' ? 'ok' : state },
        ...{ to: '/alerts/$alertId', params: { alertId: id } },
      }),
    ),
    ...(incidents.data?.items ?? []).map(
      ({ id, title, status }): PaletteEntry => ({
        ...{ group: 'Incidents', label: title, detail: status },
        ...{ to: '/incidents/$incidentId', params: { incidentId: id } },
      }),
    ),
    ...(metrics.data?.items ?? []).map(
      ({ name, type }): PaletteEntry => ({
        ...{ group: 'Metrics', label: name, detail: type },
        ...{ to: '/explore', search: { metric: name } },
      }),
    ),
  ];
}
