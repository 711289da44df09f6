import { parseDocument, stringify } from 'yaml';
import { type Issue, invalid, ServiceError } from '../../model/errors.ts';
import type { Logger } from '../../model/logger.ts';
import {
  type ControlStore,
  deleteRoutingConfig,
  findRoutingConfig,
  saveRoutingConfig,
} from '../../stores/control/index.ts';
import {
  type AlertmanagerConfig,
  type ConfiguredRouting,
  parseAlertmanagerConfig,
  RESOLVE_TIMEOUT_MS,
} from '../alertmanager-config/config.ts';
import { keepReceivers } from '../alertmanager-config/keep-receivers.ts';
import { originalOf } from '../alertmanager-config/original.ts';
import { unknownPolicies } from '../configuration/choices.ts';
import { Routing } from './routing.ts';

interface RoutingBookOptions {
  readonly store: ControlStore;
  readonly logger: Logger;
  /** Routing of the configuration file. */
  readonly file: ConfiguredRouting | undefined;
  /** Whether an escalation policy has this id or name. */
  readonly isPolicy: (reference: string) => boolean;
}

/** A routing, and who has set it. */
interface OriginatedRouting {
  readonly origin: 'file' | 'api';
  readonly routing: ConfiguredRouting;
}

const NAME = 'alertmanager';
const BUILT_IN_DOCUMENT = { receivers: [{ name: 'default', default_recipients: true }] };
const BUILT_IN = 'route:\n  receiver: default\n  group_by:\n    - alertname\nreceivers:\n  - name: default\n';

/** The routing in force: that of the configuration file, else the one that was set by the API, else the built-in one. */
export class RoutingBook {
  readonly #store: ControlStore;
  readonly #logger: Logger;
  readonly #isPolicy: (reference: string) => boolean;
  #file: ConfiguredRouting | undefined;
  #current: OriginatedRouting | undefined;

  constructor({ store, logger, file, isPolicy }: RoutingBookOptions) {
    this.#store = store;
    this.#logger = logger;
    this.#file = file;
    this.#isPolicy = isPolicy;
  }

  async load(): Promise<void> {
    this.#current = await this.read(this.#file);
  }

  /** What holds when the configuration file has this; `undefined`: the built-in routing. */
  async read(file: ConfiguredRouting | undefined): Promise<OriginatedRouting | undefined> {
    if (file) return { origin: 'file', routing: file };
    const source = await findRoutingConfig(this.#store.db, NAME);
    if (source === undefined) return undefined;
    try {
      return { origin: 'api', routing: parseSource(source) };
    } catch (error) {
      // It was good when it was stored; alerts go to the default recipients rather than nowhere.
      this.#logger.error({ err: error }, 'the stored alert routing cannot be read any more: the built-in one is used');
      return undefined;
    }
  }

  /** From now on the configuration file has this, and what was read for it holds. */
  take(file: ConfiguredRouting | undefined, current: OriginatedRouting | undefined): void {
    this.#file = file;
    this.#current = current;
  }

  /** What the routing in force was read from. */
  get document(): unknown {
    return this.#current?.routing.document;
  }

  get origin(): 'file' | 'api' | 'built_in' {
    return this.#current?.origin ?? 'built_in';
  }

  get config(): AlertmanagerConfig | undefined {
    return this.#current?.routing.config;
  }

  get resolveTimeoutMs(): number {
    return this.config?.resolveTimeoutMs ?? RESOLVE_TIMEOUT_MS;
  }

  /** As YAML, without secrets. */
  get original(): string {
    return this.#current ? originalOf(this.#current.routing.config, this.#current.routing.document) : BUILT_IN;
  }

  routing(): Routing {
    return new Routing(this.config);
  }

  /** What a configuration would mean. Throws 422 naming every mistake. */
  check(source: string): AlertmanagerConfig {
    return this.#parse(source).config;
  }

  /** A configuration as YAML in which receivers without integrations have those that they have now. */
  keepingReceivers(source: string): string {
    return stringify(keepReceivers(documentOf(source), this.#current?.routing.document ?? BUILT_IN_DOCUMENT));
  }

  /** Throws 422 naming every mistake, 409 where the file decides. */
  async replace(source: string, by: string, now: number): Promise<void> {
    this.#refuseBesideFile();
    const routing = this.#parse(source);
    await saveRoutingConfig(this.#store.db, { name: NAME, source, saved_at: now, saved_by: by });
    this.#current = { origin: 'api', routing };
  }

  /** Back to the built-in routing. Throws 409 where the file decides. */
  async remove(): Promise<void> {
    this.#refuseBesideFile();
    await deleteRoutingConfig(this.#store.db, NAME);
    this.#current = undefined;
  }

  #parse(source: string): ConfiguredRouting {
    const routing = parseSource(source);
    const issues = unknownPolicies({ receivers: routing.config.receivers, isPolicy: this.#isPolicy });
    if (issues.length > 0) throw invalid(...issues);
    return routing;
  }

  #refuseBesideFile(): void {
    if (!this.#file) return;
    throw new ServiceError('conflict', 'the configuration file sets the routing: change route and receivers there');
  }
}

function documentOf(source: string): unknown {
  const yaml = parseDocument(source, { merge: true, prettyErrors: true });
  const [broken] = yaml.errors;
  if (broken) throw new ServiceError('malformed', `not valid YAML: ${broken.message.split('\n', 1)[0]}`);
  return yaml.toJS({ maxAliasCount: 100 });
}

function parseSource(source: string): ConfiguredRouting {
  const document = documentOf(source);
  const problems: Issue[] = [];
  const config = parseAlertmanagerConfig(document, problems);
  if (problems.length > 0) throw invalid(...problems.map(({ path, message }) => ({ path: path || 'body', message })));
  return { config, document };
}
