export interface Snippet {
  name: string;
  /** What to run or write, in order. */
  steps: { title: string; code: string }[];
}

/** Copy-paste beginnings; `origin` is where this service is reached. */
export function snippets(origin: string): Snippet[] {
  return [
    {
      name: 'Node.js',
      steps: [
        { title: 'Install', code: 'npm install @opentelemetry/api @opentelemetry/auto-instrumentations-node' },
        {
          title: 'Run',
          code: environment(origin, 'node --require @opentelemetry/auto-instrumentations-node/register app.js'),
        },
      ],
    },
    {
      name: 'Python',
      steps: [
        {
          title: 'Install',
          code: 'pip install opentelemetry-distro opentelemetry-exporter-otlp-proto-http\nopentelemetry-bootstrap --action=install',
        },
        { title: 'Run', code: environment(origin, 'opentelemetry-instrument python app.py') },
      ],
    },
    {
      name: 'Java',
      steps: [
        {
          title: 'Get the agent',
          code: 'curl -LO https://github.com/open-telemetry/opentelemetry-java-instrumentation/releases/latest/download/opentelemetry-javaagent.jar',
        },
        { title: 'Run', code: environment(origin, 'java -javaagent:opentelemetry-javaagent.jar -jar app.jar') },
      ],
    },
    {
      name: 'Go',
      steps: [
        {
          title: 'Install',
          code: 'go get go.opentelemetry.io/contrib/exporters/autoexport go.opentelemetry.io/otel/sdk',
        },
        {
          title: 'In main()',
          code: 'exporter, _ := autoexport.NewSpanExporter(ctx)\nprovider := trace.NewTracerProvider(trace.WithBatcher(exporter))\ndefer provider.Shutdown(ctx)\notel.SetTracerProvider(provider)',
        },
        { title: 'Run', code: environment(origin, 'go run .') },
      ],
    },
    {
      name: 'Collector',
      steps: [
        {
          title: 'In the configuration',
          code: `exporters:\n  otlphttp:\n    endpoint: ${origin}\nservice:\n  pipelines:\n    traces: { receivers: [otlp], exporters: [otlphttp] }\n    metrics: { receivers: [otlp], exporters: [otlphttp] }\n    logs: { receivers: [otlp], exporters: [otlphttp] }`,
        },
      ],
    },
    {
      name: 'curl',
      steps: [
        {
          title: 'A log line',
          code: `curl -X POST ${origin}/api/logs -H "Content-Type: application/json" \\\n  -d '{"level":"info","service":"my-service","message":"hello"}'`,
        },
        {
          title: 'A metric',
          code: `curl -X POST ${origin}/api/monitoring/metrics -H "Content-Type: application/json" \\\n  -d '{"name":"orders_open","value":42,"labels":{"service":"my-service"}}'`,
        },
        { title: 'A span', code: spanByCurl(origin) },
      ],
    },
  ];
}

function environment(origin: string, command: string): string {
  return [
    'OTEL_SERVICE_NAME=my-service \\',
    `OTEL_EXPORTER_OTLP_ENDPOINT=${origin} \\`,
    'OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf \\',
    'OTEL_TRACES_EXPORTER=otlp OTEL_METRICS_EXPORTER=otlp OTEL_LOGS_EXPORTER=otlp \\',
    command,
  ].join('\n');
}

function spanByCurl(origin: string): string {
  const span = [
    '{"traceId":"\'$(openssl rand -hex 16)\'","spanId":"\'$(openssl rand -hex 8)\'","name":"first span","kind":2,',
    '"startTimeUnixNano":"\'$(date +%s)\'000000000","endTimeUnixNano":"\'$(date +%s)\'120000000"}',
  ].join('');
  const resource = '{"attributes":[{"key":"service.name","value":{"stringValue":"my-service"}}]}';
  return [
    `curl -X POST ${origin}/v1/traces -H "Content-Type: application/json" \\`,
    `  -d '{"resourceSpans":[{"resource":${resource},"scopeSpans":[{"spans":[${span}]}]}]}'`,
  ].join('\n');
}
