import { type Attributes, logs, SeverityNumber } from '@opentelemetry/api';

const logger = logs.getLogger('espice-stack');

function emit(severityNumber: SeverityNumber, severityText: string, body: string, attributes: Attributes): void {
  logger.emit({ severityNumber, severityText, body, attributes });
}

/** Writes log records through OpenTelemetry; they carry the ids of the span they were written in. */
export const log = {
  info: (message: string, attributes: Attributes = {}) => emit(SeverityNumber.INFO, 'INFO', message, attributes),
  warn: (message: string, attributes: Attributes = {}) => emit(SeverityNumber.WARN, 'WARN', message, attributes),
  error: (message: string, attributes: Attributes = {}) => emit(SeverityNumber.ERROR, 'ERROR', message, attributes),
};
