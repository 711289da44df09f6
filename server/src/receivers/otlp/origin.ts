import { packAttributes } from '../../model/attribute-packer.ts';
import type { Attributes } from '../../model/attributes.ts';
import type { PackedAttributes } from '../../model/packed-attributes.ts';
import { serviceOfResource } from '../../model/service.ts';
import { withDropped } from './dropped.ts';

/** Where the items of one scope come from; shared by all of them. */
export interface Origin {
  readonly service: string;
  readonly resourceAttributes: PackedAttributes;
  readonly resourceSchemaUrl: string;
  readonly scopeName: string;
  readonly scopeVersion: string;
  readonly scopeAttributes: PackedAttributes;
  readonly scopeSchemaUrl: string;
}

export interface Scope {
  readonly name: string;
  readonly version: string;
  readonly attributes: Attributes;
}

/** What is told of a resource, or of a scope, besides what it is. */
export interface Envelope {
  /** https://opentelemetry.io/docs/specs/otel/schemas/ */
  readonly schemaUrl: string;
  /** Attributes that the limits of the sender left out. */
  readonly dropped: number;
}

export interface Envelopes {
  readonly resource: Envelope;
  readonly scope: Envelope;
}

export const NO_SCOPE: Scope = { name: '', version: '', attributes: {} };

/** Makes origins; one for a request. The scopes of one resource share its packed attributes. */
export class Origins {
  #resource: Attributes | undefined;
  #packed = packAttributes({});
  #service = '';

  of(resource: Attributes, scope: Scope, envelopes: Envelopes): Origin {
    if (resource !== this.#resource) {
      this.#resource = resource;
      this.#packed = packAttributes(withDropped(resource, envelopes.resource.dropped));
      this.#service = serviceOfResource(resource);
    }
    return {
      service: this.#service,
      resourceAttributes: this.#packed,
      resourceSchemaUrl: envelopes.resource.schemaUrl,
      scopeName: scope.name,
      scopeVersion: scope.version,
      scopeAttributes: packAttributes(withDropped(scope.attributes, envelopes.scope.dropped)),
      scopeSchemaUrl: envelopes.scope.schemaUrl,
    };
  }
}
